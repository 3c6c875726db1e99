import type { Lang } from './format'

/** The words, in English and Chinese; metric names in Chinese are those of the industry's live data screens. */
const en = {
  live: 'Live', room: 'Room', product: 'Product', video: 'Video', user: 'User', engine: 'Engine',
  findHint: 'Id of a room, product, video or user', go: 'Open', language: '中文', theme: 'Theme', auto: 'Auto', light: 'Light', dark: 'Dark',
  skip: 'Skip to content', connected: 'Live', connecting: 'Connecting', lost: 'Connection lost, reconnecting', stale: 'Shown as of', asOf: 'as of',
  eventsPerSecond: 'Events/s', online: 'Online', roomsLive: 'Rooms on air', gmv: 'GMV', lag: 'Write lag', refusals: 'Refused events', sinceStart: 'since start',
  queue: 'queue', ofRooms: 'of {n} rooms', orders: 'Orders', pays: 'Payments', viewsInAll: '{n} views', total: 'In all', inAll: '{n} in all', inMemory: 'in memory', conversion: 'Conversion',
  rooms: 'Rooms on air', noRooms: 'No room is on air', noRoomsHint: 'Rooms appear here with their first room.start or enter event. Send events to POST /v1/events, or run serve --demo.',
  sortBy: 'Sort by', peak: 'Peak', views: 'Views', viewers: 'Viewers', interactions: 'Interactions', gifts: 'Gifts', giftAmount: 'Gift amount', heat: 'Heat', startedAt: 'Started', trend: 'Online, last 30 min', metric: 'Metric', item: 'Room or item', proposedBy: 'Proposed by', traffic: 'Traffic', policy: 'policy {n}', rule: 'Rule', delivered: 'Delivered', running: 'Running', kept: 'Kept', missed: 'Missed', behind: 'Behind', costPerThousand: 'Cost per 1,000', impressionsPerSecond: '{n} impressions/s',
  tail: 'Events', tailHint: 'A sample: of each type at most three in a quarter of a second', pause: 'Pause', resume: 'Resume', paused: 'Paused, {n} new', filter: 'Type or room', filterHint: 'Filter by type or room', noEvents: 'Waiting for events', noMatch: 'No event of the sample matches',
  when: 'Time', type: 'Type', count: 'Count', channel: 'Channel',
  onAir: 'On air', offAir: 'Off air', since: 'since',
  averageOnline: 'Avg', peakOnline: 'Peak online', watchPerViewer: 'Watch time per viewer', follows: 'New followers', impressions: 'Exposure', comments: 'Comments', likes: 'Likes', shares: 'Shares', dislikes: 'Dislikes',
  onlineCurve: 'Online', interactionsPerMinute: 'Interactions per minute', giftsOverTime: 'Gifts and GMV per minute', table: 'Table', close: 'Close',
  funnel: 'Funnel, users', fExposure: 'Exposure', fView: 'Viewers', fClick: 'Product click', fOrder: 'Order', fPay: 'Payment', ofBefore: 'of the step before',
  rates: 'Rates', enterRate: 'Enter rate', interactionRate: 'Interaction rate', followRate: 'Follow rate', negativeRate: 'Negative rate', productClickRate: 'Product click rate', clickToPay: 'Click to payment', viewToPay: 'View to payment', orderToPay: 'Order to payment', uvValue: 'UV value', averageOrder: 'Average order', perBuyer: 'Per buyer', engagement: 'Interactions per watched minute', netGmv: 'Net GMV', refunds: 'Refunds',
  compare: 'Last 10 minutes', now10: 'Last 10 min', before10: '10 min before', change: 'Change', fresh: 'new', paid: '{n} paid', percentile: 'Percentile', percentileHint: 'Percentile: of the last 10 minutes among those of all {n} rooms on air.', percentileHintMany: 'Percentile: of the last 10 minutes among those of the {n} hottest rooms on air.', percentileAlone: 'No other room is on air.', notOnAir: 'The room has not been on air for 20 minutes; changes are shown from then on.', soon: 'Shown when the first two minutes are over', highest: 'highest',
  productsIn: 'Products by GMV', noProducts: 'No product was shown in this room', channels: 'Channels', noChannels: 'No event named a channel', milestones: 'Milestones', mStart: 'Start', mPeak: 'Peak {n}', mGift: 'First gift', mPay: 'First payment', mViews: '{n} views', mEnd: 'End',
  clicks: 'Clicks', carts: 'Carts', price: 'Price', stock: 'Stock', on: 'on sale', off: 'off', windows: 'Windows', window: 'Window', inRooms: 'Rooms', plays: 'Plays', watchTime: 'Watch time', noParts: 'No room has sold or shown it',
  spend: 'Paid', gifted: 'Gifts given', refunded: 'Refunded', interest: 'Interest', interestHint: 'Share of all interest, decayed with a half-life of 14 days', categories: 'Categories', tags: 'Tags', hosts: 'Hosts', recent: 'Last interactions', watching: 'Watching now', nobody: 'Nothing now', actions: 'Actions', noInterest: 'Nothing is known yet',
  recommendations: 'Recommendations', kind: 'Kind', all: 'All', why: 'Why', score: 'Score', share: 'Share', rules: 'Rules', match: 'Match', term: 'Term', value: 'Value', pWatch: 'Watch', pInteract: 'Interact', pPay: 'Pay', noRecommendations: 'Nothing is available to recommend', contributions: 'Value × weight for each objective; the sums are log-odds', candidates: '{n} candidates',
  throughput: 'Events/s', log: 'Log', lastSync: 'Last write to disk', snapshots: 'Snapshots', lastSnapshot: 'Last snapshot took', memory: 'Memory', tables: 'Tables', queued: 'Waiting', dedupe: 'Dedupe window', refusalsByCode: 'Refusals by code', code: 'Code', events: 'Events', requests: 'Requests', noRefusals: 'Nothing was refused', shards: 'Shards', shard: 'Shard', accepted: 'Accepted', duplicates: 'Duplicates', late: 'Late', routes: 'Calls', route: 'Call', p50: 'p50', p99: 'p99', perSecond: '/s', foldTime: 'Fold, of one core', subscribers: 'Subscribers', watched: '{n} watched', mean: 'mean', blocks: '{n} blocks', users: 'Users', uptime: 'Up', recovered: 'recovered in', collecting: 'Two samples are needed',
  notFound: 'Nothing is known under this id', notFoundHint: 'No event has named it yet. Ids are case-sensitive.', failed: 'The server did not answer', refused: 'The server cannot give this now', retrying: 'Trying again', loading: 'Loading', approximate: 'Distinct users are estimates (error at most 1 %)', empty: 'No data yet', report: 'Report',
}

export type Words = typeof en

const zh: Words = {
  live: '实时', room: '直播间', product: '商品', video: '视频', user: '用户', engine: '引擎',
  findHint: '直播间、商品、视频或用户的 ID', go: '打开', language: 'English', theme: '主题', auto: '自动', light: '浅色', dark: '深色',
  skip: '跳到内容', connected: '实时', connecting: '连接中', lost: '连接已断开，正在重连', stale: '数据截至', asOf: '截至',
  eventsPerSecond: '事件/秒', online: '在线', roomsLive: '开播直播间', gmv: '成交金额', lag: '写入延迟', refusals: '拒绝事件', sinceStart: '启动以来',
  queue: '排队', ofRooms: '共 {n} 个直播间', orders: '下单', pays: '支付', viewsInAll: '场观 {n}', total: '累计', inAll: '累计 {n}', inMemory: '内存模式', conversion: '转化率',
  rooms: '开播中的直播间', noRooms: '没有开播中的直播间', noRoomsHint: '收到第一条 room.start 或 enter 事件后会显示在这里。向 POST /v1/events 发送事件，或运行 serve --demo。',
  sortBy: '排序', peak: 'PCU', views: '场观 PV', viewers: '场观 UV', interactions: '互动', gifts: '打赏', giftAmount: '打赏金额', heat: '热度', startedAt: '开播时间', trend: '近30分钟在线', metric: '指标', item: '直播间或内容', proposedBy: '召回来源', traffic: '流量分配', policy: '策略 {n}', rule: '规则', delivered: '已交付', running: '进行中', kept: '达成', missed: '未达成', behind: '落后', costPerThousand: '每千次代价', impressionsPerSecond: '{n} 次曝光/秒',
  tail: '事件流', tailHint: '抽样：每种类型每 250 毫秒最多三条', pause: '暂停', resume: '继续', paused: '已暂停，新增 {n} 条', filter: '类型或直播间', filterHint: '按类型或直播间筛选', noEvents: '等待新事件', noMatch: '抽样中没有符合条件的事件',
  when: '时间', type: '类型', count: '次数', channel: '渠道',
  onAir: '直播中', offAir: '未开播', since: '开播于',
  averageOnline: 'ACU', peakOnline: '最高在线 PCU', watchPerViewer: '人均观看时长', follows: '新增粉丝', impressions: '曝光', comments: '评论', likes: '点赞', shares: '分享', dislikes: '不喜欢',
  onlineCurve: '在线人数', interactionsPerMinute: '每分钟互动', giftsOverTime: '每分钟打赏与成交', table: '表格', close: '收起',
  funnel: '转化漏斗（人数）', fExposure: '曝光', fView: '观看', fClick: '商品点击', fOrder: '下单', fPay: '支付', ofBefore: '占上一步',
  rates: '比率', enterRate: '进入率', interactionRate: '互动率', followRate: '加粉率', negativeRate: '负反馈率', productClickRate: '点击率', clickToPay: '点击支付率', viewToPay: '观看支付率', orderToPay: '下单支付率', uvValue: 'UV 价值', averageOrder: '客单价', perBuyer: '人均消费', engagement: '每观看分钟互动', netGmv: '净成交金额', refunds: '退款',
  compare: '近 10 分钟', now10: '近10分钟', before10: '前10分钟', change: '变化', fresh: '新增', paid: '支付 {n}', percentile: '百分位', percentileHint: '百分位：近 10 分钟数据在全部 {n} 个开播直播间中的位置。', percentileHintMany: '百分位：近 10 分钟数据在热度最高的 {n} 个直播间中的位置。', percentileAlone: '没有其他直播间开播。', notOnAir: '开播未满 20 分钟，届时显示变化。', soon: '开播满两分钟后显示', highest: '最高',
  productsIn: '商品（按成交金额）', noProducts: '本场没有展示商品', channels: '流量来源', noChannels: '没有带渠道的事件', milestones: '里程碑', mStart: '开播', mPeak: '峰值 {n}', mGift: '首次打赏', mPay: '首单', mViews: '场观 {n}', mEnd: '下播',
  clicks: '点击', carts: '加购', price: '价格', stock: '库存', on: '在售', off: '下架', windows: '时间窗', window: '时间窗', inRooms: '直播间', plays: '播放', watchTime: '观看时长', noParts: '还没有直播间展示或售出',
  spend: '消费', gifted: '打赏', refunded: '退款', interest: '兴趣', interestHint: '占全部兴趣的比例，按 14 天半衰期衰减', categories: '类目', tags: '标签', hosts: '主播', recent: '最近互动', watching: '正在观看', nobody: '当前没有', actions: '行为', noInterest: '暂无数据',
  recommendations: '推荐', kind: '类型', all: '全部', why: '原因', score: '得分', share: '占比', rules: '规则', match: '匹配度', term: '因子', value: '取值', pWatch: '观看', pInteract: '互动', pPay: '支付', noRecommendations: '当前没有可推荐的内容', contributions: '各目标下的 取值 × 权重，其和为对数几率', candidates: '{n} 个候选',
  throughput: '事件/秒', log: '日志', lastSync: '最近一次落盘', snapshots: '快照', lastSnapshot: '最近快照耗时', memory: '内存', tables: '状态表', queued: '排队', dedupe: '去重窗口', refusalsByCode: '拒绝原因', code: '代码', events: '事件', requests: '请求', noRefusals: '没有被拒绝的事件或请求', shards: '分片', shard: '分片', accepted: '接收', duplicates: '重复', late: '迟到', routes: '接口', route: '接口', p50: 'p50', p99: 'p99', perSecond: '/秒', foldTime: '折叠占用（单核）', subscribers: '订阅连接', watched: '观看 {n} 项', mean: '平均', blocks: '{n} 个数据块', users: '用户', uptime: '已运行', recovered: '恢复用时', collecting: '需要两次采样',
  notFound: '没有这个 ID 的数据', notFoundHint: '还没有事件提到它。ID 区分大小写。', failed: '服务器没有响应', refused: '服务器暂时无法提供', retrying: '正在重试', loading: '加载中', approximate: '去重人数为估计值（误差不超过 1%）', empty: '暂无数据', report: '复盘报告',
}

export const words = { en, zh }

const typesZh: Record<string, string> = {
  'room.start': '开播', 'room.update': '更新直播间', 'room.end': '下播', 'product.upsert': '商品更新', 'video.upsert': '视频更新', 'user.upsert': '用户更新',
  impression: '曝光', click: '点击', enter: '进入', heartbeat: '心跳', leave: '离开', play: '播放', like: '点赞', comment: '评论', share: '分享', dislike: '不喜欢', report: '举报',
  follow: '关注', unfollow: '取消关注', subscribe: '会员', gift: '打赏', cart: '加购', order: '下单', pay: '支付', refund: '退款',
}

const typesEn: Record<string, string> = {
  'room.start': 'Room on air', 'room.update': 'Room update', 'room.end': 'Room off air', 'product.upsert': 'Product update', 'video.upsert': 'Video update', 'user.upsert': 'User update',
}

const channelsZh: Record<string, string> = { feed: '推荐', search: '搜索', follow: '关注', ad: '广告', share: '分享', other: '其他' }

/** What proposes candidates, and what their scores are made of, by the names that `explain` has for them. */
const reasons: Record<string, [en: string, zh: string]> = {
  interest: ['Interest', '兴趣'], coVisits: ['Co-visits', '共同观看'], repeat: ['Repeat', '再次观看'], follow: ['Follow', '关注'], followed: ['Followed', '已关注'], host: ['Host', '主播'], category: ['Category', '类目'],
  segment: ['Segment', '人群'], heat: ['Heat', '热度'], exploration: ['Exploration', '探索'], room: ['In the room', '本直播间'], bias: ['Base', '基准'], attributes: ['Attributes', '属性相似'], recency: ['Recency', '最近接触'],
  online: ['Online', '在线'], enterRate: ['Enter rate', '进入率'], interactionRate: ['Interaction rate', '互动率'], payRate: ['Payment rate', '支付率'], negative: ['Dislikes', '负反馈'], categoryVisits: ['Visits in category', '类目访问'],
  segmentVisits: ['Visits of segment', '人群访问'], userExploration: ['Exploration of user', '用户探索'], aversion: ['Aversion', '反感'], quickLeave: ['Left at once', '秒退'], shortWatch: ['Short watch', '观看过短'],
}

const rulesZh: Record<string, string> = {
  available: '当前可用', 'not disliked or reported': '未被不喜欢或举报', 'not bought': '未购买', 'not seen in the last half hour': '近半小时未看过', 'best of its host': '该主播最优', 'by chance, to learn': '随机探索',
}

const rulesOfTraffic: Record<string, [en: string, zh: string]> = { cap: ['Cap', '上限'], floor: ['Floor', '下限'], guarantee: ['Guarantee', '保量'], boost: ['Boost', '加热'] }

const states: Record<string, [en: string, zh: string]> = {
  starting: ['Starting', '启动中'], ready: ['Ready', '就绪'], full: ['Disk full', '磁盘已满'], unavailable: ['Storage unavailable', '存储不可用'], stopped: ['Stopped', '已停止'], closing: ['Closing', '关闭中'],
}

const windows: Record<string, [en: string, zh: string]> = { '10s': ['10 s', '10 秒'], '1m': ['1 min', '1 分钟'], '5m': ['5 min', '5 分钟'], '10m': ['10 min', '10 分钟'], '1h': ['1 h', '1 小时'] }

const pick = (names: Record<string, [string, string]>, name: string, lang: Lang) => names[name]?.[lang === 'zh' ? 1 : 0] ?? name

/** A name that this page does not know is shown as the engine says it. */
export const reasonName = (name: string, lang: Lang) => pick(reasons, name, lang)
export const stateName = (name: string, lang: Lang) => pick(states, name, lang)
export const windowName = (name: string, lang: Lang) => pick(windows, name, lang)
export const trafficRule = (name: string, lang: Lang) => pick(rulesOfTraffic, name, lang)

export function ruleName(rule: string, lang: Lang): string {
  if (lang === 'en') return rule
  const place = /^diversity and hosts: place (\d+) by score, (\d+) in the list$/.exec(rule)
  return place ? `多样性与主播：按得分第 ${place[1]} 位，列表第 ${place[2]} 位` : rulesZh[rule] ?? rule
}

export const typeName = (type: string, lang: Lang) => (lang === 'zh' ? typesZh[type] : typesEn[type] ?? type.charAt(0).toUpperCase() + type.slice(1)) ?? type
export const channelName = (channel: string, lang: Lang) => (lang === 'zh' ? channelsZh[channel] ?? channel : channel)
export const fill = (text: string, n: string | number) => text.replace('{n}', String(n))
