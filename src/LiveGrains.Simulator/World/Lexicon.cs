using System.Text;

namespace LiveGrains.Simulator.World;

/// <summary>Words that belong to no category, as UTF-8. Nothing here needs escaping inside a JSON string.</summary>
internal static class Lexicon
{
    public static readonly byte[][] ChineseComments = Utf8(
        "来了来了", "主播好", "哈哈哈", "第一次来", "已关注", "怎么买", "多少钱", "什么时候开播", "支持主播", "太棒了👍", "爱了爱了❤️",
        "前排", "打卡", "晚上好", "刚下班来看看", "还有吗", "声音有点小", "再讲一遍", "几点下播", "😂😂😂", "🔥🔥🔥", "求链接", "已拍",
        "学到了", "路过", "主播辛苦了", "从昨天蹲到今天", "安排", "+1", "好耶🎉", "卡了吗", "清晰", "冲冲冲", "真的假的", "老粉报到");

    public static readonly byte[][] EnglishComments = Utf8(
        "hi everyone", "love this", "first time here", "how much?", "link please", "lol", "😂", "🔥🔥", "so good", "hello from Berlin",
        "can you show it again", "just followed", "what time tomorrow?", "great stream", "wow", "❤️❤️", "that is amazing", "same here",
        "audio is low", "ordered one");

    public static readonly byte[][] LotteryComments = Utf8("抽我抽我", "分子分母", "中奖绝缘体", "欧气满满✨", "pick me", "好运来", "1", "666", "关注主播不迷路");

    public static readonly byte[][] ReportReasons = Utf8("广告刷屏", "低俗内容", "虚假宣传", "spam", "misleading price", "诱导交易");

    public static readonly byte[][] HostFirst = Utf8(
        "小鹿", "阿杰", "大橘", "安娜", "老王", "糖糖", "北北", "南风", "可乐", "阿May", "Luna", "Kevin", "Mia", "Leo", "七七", "木木",
        "果果", "丸子", "十三", "小野", "Nora", "Sunny", "阿宽", "豆豆", "青禾", "Zoe", "二哥", "团子", "花花", "Max", "苏苏", "石头");

    public static readonly byte[][] HostLast = Utf8(
        "的直播间", "严选", "工作室", "在路上", " Live", "不熬夜", "日记", " Studio", "爱生活", "同学", "官方旗舰店", "小课堂", "来啦", " TV", "好物", "食堂");

    public static readonly byte[][] ChineseSuffix = Utf8("", "", " 福利不停", " 进来看看", "🔥", " 抽奖ing", "！", " 限时专场");

    public static readonly byte[][] EnglishSuffix = Utf8("", "", " | giveaways", " 🔥", " - come say hi", " (last day)");

    public static readonly byte[][] ProductPrefix = Utf8(
        "", "", "【爆款】", "【新品】", "【直播专享】", "官方 ", "New: ", "Premium ", "【工厂直发】", "限量 ", "Classic ", "【买一送一】");

    public static readonly byte[][] ProductSuffix = Utf8("", "", "", " 升级款", " 礼盒装", " 2026", " Pro", " 家庭装", " mini", " 两件套");

    public static readonly byte[][] VideoPrefix = Utf8("", "一分钟看懂：", "高能 | ", "Vlog ", "How to: ", "【合集】", "Top 5: ", "今日份");

    public static readonly byte[][] Channels = Utf8("feed", "search", "follow", "share", "ad");

    public static readonly byte[][] Genders = Utf8("female", "male", "unknown");

    public static readonly byte[][] Ages = Utf8("<18", "18-23", "24-30", "31-40", "41-50", "50+");

    public static readonly byte[][] Regions = Utf8(
        "广东", "江苏", "浙江", "山东", "河南", "四川", "湖北", "北京", "上海", "福建", "陕西", "辽宁", "香港", "Singapore", "Malaysia", "Germany", "USA");

    /// <summary>Gifts with the price of one in minor units; 0 is free.</summary>
    public static readonly (byte[] Name, int Price)[] Gifts =
    [
        (Encoding.UTF8.GetBytes("小心心"), 0), (Encoding.UTF8.GetBytes("荧光棒"), 0), (Encoding.UTF8.GetBytes("玫瑰"), 10),
        (Encoding.UTF8.GetBytes("棒棒糖"), 90), (Encoding.UTF8.GetBytes("Coffee"), 520), (Encoding.UTF8.GetBytes("墨镜"), 990),
        (Encoding.UTF8.GetBytes("Fireworks"), 2_990), (Encoding.UTF8.GetBytes("跑车"), 12_000),
        (Encoding.UTF8.GetBytes("Rocket"), 50_000), (Encoding.UTF8.GetBytes("嘉年华"), 300_000),
    ];

    /// <summary>The texts as UTF-8, checked to need no escape.</summary>
    public static byte[][] Utf8(params ReadOnlySpan<string> texts)
    {
        var result = new byte[texts.Length][];
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i].AsSpan().IndexOfAny('"', '\\', '\n') >= 0)
                throw new ArgumentException($"'{texts[i]}' needs an escape.", nameof(texts));
            result[i] = Encoding.UTF8.GetBytes(texts[i]);
        }

        return result;
    }
}
