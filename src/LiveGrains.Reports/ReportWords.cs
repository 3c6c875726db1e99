namespace LiveGrains.Reports;

/// <summary>The words of a report in one language.</summary>
internal sealed class ReportWords
{
    private readonly Dictionary<string, string> _words;
    private readonly Dictionary<string, string> _metrics;
    private readonly Dictionary<string, string> _channels;

    private ReportWords(string code, Dictionary<string, string> words, Dictionary<string, string> metrics, Dictionary<string, string> channels)
    {
        Code = code;
        _words = words;
        _metrics = metrics;
        _channels = channels;
    }

    /// <summary>The language's code for `lang`.</summary>
    public string Code { get; }

    /// <summary>True for Chinese.</summary>
    public bool IsChinese => Code == "zh";

    /// <summary>A word or a sentence.</summary>
    public string this[string key] => _words[key];

    /// <summary>The name of a metric of a series.</summary>
    public string Metric(string metric) => _metrics[metric];

    /// <summary>The name of a channel; those that are not of SPEC 2 are called as they are.</summary>
    public string Channel(string channel) => _channels.GetValueOrDefault(channel, channel);

    /// <summary>The words of a language.</summary>
    public static ReportWords Of(ReportLanguage language) => language == ReportLanguage.Zh ? Zh : En;

    internal static IEnumerable<string> KeysOf(ReportLanguage language) => Of(language)._words.Keys.Concat(Of(language)._metrics.Keys);

    private static readonly ReportWords En = new("en", new()
    {
        ["report"] = "Broadcast report", ["onAir"] = "On air", ["offAir"] = "Off air", ["asOf"] = "As of", ["since"] = "Start", ["until"] = "End", ["lasted"] = "Duration",
        ["table"] = "Table", ["time"] = "Time", ["elapsed"] = "Since start", ["perMinute"] = "per minute", ["perStep"] = "per {0}", ["highest"] = "highest {0}", ["empty"] = "Nothing of this happened in the broadcast.",
        ["peakOnline"] = "Peak online", ["averageOnline"] = "Average {0}", ["views"] = "Views", ["viewers"] = "{0} viewers", ["watch"] = "Watch per viewer", ["watchAll"] = "{0} in all", ["interactions"] = "Interactions", ["interactionRate"] = "Interaction rate {0}",
        ["follows"] = "New followers", ["followRate"] = "Follow rate {0}", ["giftAmount"] = "Gift amount", ["giftsGiven"] = "{0} by {1} people", ["gmv"] = "GMV", ["gpm"] = "GPM {0}", ["paysOf"] = "{0} payments",
        ["onlineCurve"] = "Online", ["curves"] = "What happened when", ["funnel"] = "Funnel, users", ["exposure"] = "Exposure", ["view"] = "View", ["productClick"] = "Product click", ["order"] = "Order", ["pay"] = "Payment", ["stage"] = "Stage", ["users"] = "Users", ["times"] = "Times", ["ofPrevious"] = "Of the step before", ["ofFirst"] = "Of exposure",
        ["best"] = "Best minutes", ["bestSteps"] = "Best parts", ["bestHint"] = "The highest of each metric, at least twice its average. The numbers are those in the chart of people online.", ["standsOut"] = "Stands out", ["whatHappened"] = "What happened", ["timesAverage"] = "{0}× the average", ["noBest"] = "No minute was far above the average.",
        ["effects"] = "After against before", ["effectsHint"] = "Change = (rate after − rate before) ÷ rate before, with its 95 % interval from the spread of the minutes. A rate is per minute that somebody watched; views and average viewers are per minute. In grey: could be chance.",
        ["effectsFound"] = "No moment was named, so these are the best minutes. Such a minute was chosen for being high and is itself left out; what follows a peak tends to be lower than it. Read the changes as a description, not as a proof.", ["effectsNone"] = "There is no moment with at least a minute on both sides.",
        ["metric"] = "Metric", ["before"] = "Before", ["after"] = "After", ["rateBefore"] = "Rate before", ["rateAfter"] = "Rate after", ["change"] = "Change", ["interval"] = "95 % interval", ["minutesEach"] = "{0} before, {1} after",
        ["averageViewers"] = "Average viewers", ["products"] = "Products", ["product"] = "Product", ["impressions"] = "Exposure", ["clicks"] = "Clicks", ["clickRate"] = "Click rate", ["carts"] = "Carts", ["orders"] = "Orders", ["pays"] = "Payments", ["noProducts"] = "No product was shown in the broadcast.", ["moreProducts"] = "and more: see /v1/rooms/{0}/products",
        ["gifts"] = "Gifts", ["count"] = "Count", ["givers"] = "People who gave", ["amount"] = "Amount", ["perGiver"] = "Per person", ["giverRate"] = "Of viewers", ["bestGift"] = "Best minute", ["noGifts"] = "No gift was given.",
        ["channels"] = "Channels", ["channel"] = "Channel", ["share"] = "Of views", ["noChannels"] = "No event named a channel.",
        ["words"] = "Key words of comments", ["word"] = "Word", ["wordComments"] = "Of comments", ["wordUsers"] = "People", ["wordsAll"] = "From all {0} comments with a text. A word that one person used alone is left out.", ["wordsSample"] = "From a uniform sample of {1} of {0} comments with a text; ± is the 95 % margin. A word that one person used alone is left out.", ["noWords"] = "No word was used by two people.",
        ["rates"] = "Rates", ["enter"] = "Enter rate", ["interaction"] = "Interaction rate", ["follow"] = "Follow rate", ["negative"] = "Negative rate", ["productClickRate"] = "Product click rate", ["clickToPay"] = "Click to payment", ["viewToPay"] = "View to payment", ["orderToPay"] = "Order to payment", ["conversion"] = "Conversion", ["uvValue"] = "UV value", ["averageOrder"] = "Average order", ["perBuyer"] = "Per buyer", ["refunds"] = "Refunds", ["netGmv"] = "Net GMV", ["engagement"] = "Interactions per watched minute",
        ["late"] = "{0} events came too late for the curves; they are in the totals.", ["approximate"] = "Distinct users are estimates with a standard error of at most 1 %.", ["zone"] = "Times are UTC{0}.", ["foreign"] = "Amounts in other currencies", ["made"] = "Made by LiveGrains from the room's events.",
        ["day"] = " d", ["hour"] = " h", ["minute"] = " min", ["second"] = " s", ["gap"] = " ", ["percent"] = "\u00a0%",
    }, new()
    {
        ["online"] = "Online", ["impressions"] = "Exposure", ["views"] = "Views", ["watchSeconds"] = "Watched seconds", ["likes"] = "Likes", ["comments"] = "Comments", ["shares"] = "Shares", ["follows"] = "New followers", ["unfollows"] = "Unfollows", ["subscribes"] = "Memberships", ["subscribes.amount"] = "Membership amount", ["dislikes"] = "Dislikes", ["reports"] = "Reports", ["gifts"] = "Gifts", ["gifts.amount"] = "Gift amount", ["interactions"] = "Interactions",
        ["products.impressions"] = "Product exposure", ["products.clicks"] = "Product clicks", ["products.carts"] = "Carts", ["products.orders"] = "Orders", ["products.orders.amount"] = "Order amount", ["products.pays"] = "Payments", ["products.pays.amount"] = "GMV", ["products.refunds"] = "Refunds", ["products.refunds.amount"] = "Refund amount", ["gmv"] = "GMV", ["refundAmount"] = "Refund amount",
    }, []);

    private static readonly ReportWords Zh = new("zh", new()
    {
        ["report"] = "直播复盘报告", ["onAir"] = "直播中", ["offAir"] = "已下播", ["asOf"] = "数据截至", ["since"] = "开播", ["until"] = "下播", ["lasted"] = "时长",
        ["table"] = "数据表", ["time"] = "时间", ["elapsed"] = "开播后", ["perMinute"] = "每分钟", ["perStep"] = "每{0}", ["highest"] = "最高 {0}", ["empty"] = "本场没有该数据。",
        ["peakOnline"] = "最高在线 PCU", ["averageOnline"] = "ACU {0}", ["views"] = "场观 PV", ["viewers"] = "场观 UV {0}", ["watch"] = "人均观看时长", ["watchAll"] = "累计 {0}", ["interactions"] = "互动", ["interactionRate"] = "互动率 {0}",
        ["follows"] = "新增粉丝", ["followRate"] = "加粉率 {0}", ["giftAmount"] = "打赏金额", ["giftsGiven"] = "{1} 人打赏 {0} 次", ["gmv"] = "成交金额", ["gpm"] = "GPM {0}", ["paysOf"] = "支付 {0} 单",
        ["onlineCurve"] = "在线人数", ["curves"] = "分时数据", ["funnel"] = "转化漏斗（人数）", ["exposure"] = "曝光", ["view"] = "观看", ["productClick"] = "商品点击", ["order"] = "下单", ["pay"] = "支付", ["stage"] = "环节", ["users"] = "人数", ["times"] = "次数", ["ofPrevious"] = "占上一步", ["ofFirst"] = "占曝光",
        ["best"] = "高光时刻", ["bestSteps"] = "高光时段", ["bestHint"] = "各指标最高、且不低于均值两倍的分钟。序号与在线人数图中的标记对应。", ["standsOut"] = "突出指标", ["whatHappened"] = "当时发生了什么", ["timesAverage"] = "为均值的 {0} 倍", ["noBest"] = "没有明显高于均值的分钟。",
        ["effects"] = "前后对比", ["effectsHint"] = "变化 =（之后的速率 − 之前的速率）÷ 之前的速率，并给出由各分钟波动得到的 95% 置信区间。速率按每观看分钟计；场观与平均在线按每分钟计。灰色：可能只是偶然。",
        ["effectsFound"] = "未指定时刻，因此取高光时刻。这些分钟因数值高而入选，本身不参与对比；高峰之后通常会回落。请把变化看作描述，而不是因果证明。", ["effectsNone"] = "没有前后都至少有一分钟数据的时刻。",
        ["metric"] = "指标", ["before"] = "之前", ["after"] = "之后", ["rateBefore"] = "之前速率", ["rateAfter"] = "之后速率", ["change"] = "变化", ["interval"] = "95% 置信区间", ["minutesEach"] = "之前 {0}，之后 {1}",
        ["averageViewers"] = "平均在线", ["products"] = "商品", ["product"] = "商品", ["impressions"] = "曝光", ["clicks"] = "点击", ["clickRate"] = "点击率", ["carts"] = "加购", ["orders"] = "下单", ["pays"] = "支付", ["noProducts"] = "本场没有展示商品。", ["moreProducts"] = "更多见 /v1/rooms/{0}/products",
        ["gifts"] = "打赏", ["count"] = "次数", ["givers"] = "打赏人数", ["amount"] = "金额", ["perGiver"] = "人均打赏", ["giverRate"] = "占观众", ["bestGift"] = "最高一分钟", ["noGifts"] = "本场没有打赏。",
        ["channels"] = "流量来源", ["channel"] = "渠道", ["share"] = "占场观", ["noChannels"] = "没有带渠道的事件。",
        ["words"] = "评论关键词", ["word"] = "词", ["wordComments"] = "占评论", ["wordUsers"] = "人数", ["wordsAll"] = "来自全部 {0} 条文字评论。仅一人用过的词不列出。", ["wordsSample"] = "来自 {0} 条文字评论中均匀抽取的 {1} 条；± 为 95% 误差范围。仅一人用过的词不列出。", ["noWords"] = "没有两人以上使用的词。",
        ["rates"] = "比率", ["enter"] = "进入率", ["interaction"] = "互动率", ["follow"] = "加粉率", ["negative"] = "负反馈率", ["productClickRate"] = "商品点击率", ["clickToPay"] = "点击支付率", ["viewToPay"] = "观看支付率", ["orderToPay"] = "下单支付率", ["conversion"] = "转化率", ["uvValue"] = "UV 价值", ["averageOrder"] = "客单价", ["perBuyer"] = "人均消费", ["refunds"] = "退款", ["netGmv"] = "净成交金额", ["engagement"] = "每观看分钟互动",
        ["late"] = "{0} 个事件到达过晚，未计入分时数据，已计入总数。", ["approximate"] = "去重人数为估计值，标准误差不超过 1%。", ["zone"] = "时间为 UTC{0}。", ["foreign"] = "其他币种金额", ["made"] = "由 LiveGrains 根据直播间事件生成。",
        ["day"] = "天", ["hour"] = "小时", ["minute"] = "分", ["second"] = "秒", ["gap"] = "", ["percent"] = "%",
    }, new()
    {
        ["online"] = "在线", ["impressions"] = "曝光", ["views"] = "场观 PV", ["watchSeconds"] = "观看秒数", ["likes"] = "点赞", ["comments"] = "评论", ["shares"] = "分享", ["follows"] = "新增粉丝", ["unfollows"] = "取消关注", ["subscribes"] = "会员", ["subscribes.amount"] = "会员金额", ["dislikes"] = "不喜欢", ["reports"] = "举报", ["gifts"] = "打赏次数", ["gifts.amount"] = "打赏金额", ["interactions"] = "互动",
        ["products.impressions"] = "商品曝光", ["products.clicks"] = "商品点击", ["products.carts"] = "加购", ["products.orders"] = "下单", ["products.orders.amount"] = "下单金额", ["products.pays"] = "支付单数", ["products.pays.amount"] = "成交金额", ["products.refunds"] = "退款单数", ["products.refunds.amount"] = "退款金额", ["gmv"] = "成交金额", ["refundAmount"] = "退款金额",
    }, new() { ["feed"] = "推荐", ["search"] = "搜索", ["follow"] = "关注", ["ad"] = "广告", ["share"] = "分享", ["other"] = "其他" });
}
