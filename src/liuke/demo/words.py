"""The words of the invented company: people, places, goods. Any likeness to a real firm is chance."""

from __future__ import annotations

from typing import NamedTuple

COMPANY = "义乌晴川礼品有限公司"


class Colleague(NamedTuple):
    username: str
    name: str
    role: str
    team: str
    left: bool = False


TEAMS = {
    "公司": None,
    "销售部": "公司",
    "内贸组": "销售部",
    "外贸组": "销售部",
    "客服部": "公司",
    "市场部": "公司",
}

COLLEAGUES = (
    Colleague("shen", "沈若川", "owner", "公司"),
    Colleague("chen", "陈晓雨", "supervisor", "销售部"),
    Colleague("li", "李建安", "salesperson", "内贸组"),
    Colleague("wang", "王思琪", "salesperson", "外贸组"),
    Colleague("zhao", "赵一帆", "salesperson", "外贸组"),
    Colleague("wu", "吴珊", "service", "客服部"),
    Colleague("he", "何嘉", "marketer", "市场部"),
    Colleague("lin", "林可", "analyst", "市场部"),
    Colleague("zhou", "周敏", "salesperson", "内贸组", left=True),
)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温单解"
GIVEN = "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 建华 文博 子涵 雨桐 梓萱 浩然 思远 晓东 海燕 志强 雅婷 国庆 春梅 佳怡 俊杰 欣怡 嘉豪 一诺 若溪 书瑶 景行 知远 安琪 立群 永康 瑞雪 清扬 云舒 慧敏 立新 振宇 心怡 宏图 秋实 玉兰 晨曦 立夏 舒然".split()

CITIES = (
    ("浙江", "杭州"), ("浙江", "宁波"), ("浙江", "温州"), ("浙江", "金华"), ("上海", "上海"), ("江苏", "苏州"),
    ("江苏", "南京"), ("江苏", "无锡"), ("广东", "广州"), ("广东", "深圳"), ("广东", "佛山"), ("福建", "厦门"),
    ("福建", "泉州"), ("山东", "青岛"), ("山东", "济南"), ("四川", "成都"), ("重庆", "重庆"), ("湖北", "武汉"),
    ("湖南", "长沙"), ("河南", "郑州"), ("北京", "北京"), ("天津", "天津"), ("陕西", "西安"), ("安徽", "合肥"),
    ("辽宁", "大连"), ("云南", "昆明"), ("江西", "南昌"), ("广西", "南宁"),
)  # fmt: skip
STREETS = (
    "文二路 中山北路 解放路 人民东路 建设大道 滨江路 学院路 长江路 青年路 和平街 新华路 稠州北路".split()
)
FIRM_WORDS = "听澜 云岫 拾光 半夏 知禾 青梧 木白 锦里 南风 言午 山隐 鹿鸣 予初 星野 橘井 清欢 沐川 万象 和悦 永盛 恒达 嘉禾 瑞丰 启明 同心 博雅 锦绣 悦来 长青 百合 宏远 天成 金麦 东篱 望舒 扶摇 朗月 沁园 丰泽 众诚".split()
FIRM_TRADES = "文化创意 礼品 百货 商贸 家居用品 文具 酒店用品 花艺 婚庆策划 图书 咖啡 母婴用品 电子商务 广告传媒 会展服务 旅游用品".split()
DEALER_TRADES = "礼品批发 商贸 百货批发 工艺品 贸易 供应链管理 玩具批发 饰品".split()
SUFFIXES = ("有限公司", "有限公司", "有限公司", "商行", "经营部", "工作室", "有限责任公司")

# country, city, and the words that firms there are made of
ABROAD = (
    ("GB", "Bristol"), ("GB", "Leeds"), ("GB", "Norwich"), ("GB", "Glasgow"), ("IE", "Cork"), ("DE", "Bremen"),
    ("DE", "Kassel"), ("DE", "Freiburg"), ("FR", "Nantes"), ("FR", "Lille"), ("NL", "Utrecht"), ("BE", "Ghent"),
    ("ES", "Valencia"), ("IT", "Verona"), ("PT", "Braga"), ("SE", "Malmö"), ("NO", "Bergen"), ("DK", "Aarhus"),
    ("FI", "Turku"), ("PL", "Gdańsk"), ("CZ", "Brno"), ("AT", "Graz"), ("US", "Portland"), ("US", "Austin"),
    ("US", "Savannah"), ("CA", "Halifax"), ("AU", "Hobart"), ("AU", "Perth"), ("NZ", "Nelson"), ("JP", "Kobe"),
    ("KR", "Busan"), ("SG", "Singapore"), ("AE", "Dubai"), ("MY", "Penang"), ("CL", "Valdivia"), ("BR", "Curitiba"),
)  # fmt: skip
FOREIGN_FIRST = "Harbour Finch Meadow Copper Juniper Lantern Willow Northwind Amber Saffron Thistle Marigold Pebble Larkspur Orchard Heron Magpie Driftwood Clover Bramble Hazel Tern Cobalt Velvet Paper Lighthouse Quince Sparrow".split()
FOREIGN_SECOND = "Gifts Trading Home Stationery Imports Living Emporium Design Crafts Toys Wholesale Interiors Supplies Paperworks Collective".split()
FOREIGN_SUFFIX = {"GB": "Ltd", "IE": "Ltd", "DE": "GmbH", "AT": "GmbH", "FR": "SARL", "NL": "BV", "BE": "BV", "ES": "SL", "IT": "Srl", "PT": "Lda", "SE": "AB", "NO": "AS", "DK": "ApS", "FI": "Oy", "PL": "Sp. z o.o.", "CZ": "s.r.o.", "US": "LLC", "CA": "Inc.", "AU": "Pty Ltd", "NZ": "Ltd", "JP": "K.K.", "KR": "Co., Ltd", "SG": "Pte Ltd", "AE": "LLC", "MY": "Sdn Bhd", "CL": "SpA", "BR": "Ltda"}  # fmt: skip
FIRST_NAMES = "Emma Oliver Sophie Lukas Marta Jonas Elin Pablo Chiara Hugo Freya Noah Ines Mateo Aoife Lars Yuki Minjun Grace Tom Nadia Piotr Klara Ana Felix Rosa Ben Ida Paul Lea".split()
LAST_NAMES = "Hartley Okafor Brandt Moreau Jansen Costa Lindqvist Haugen Novak Rossi Byrne Walsh Keller Dubois Visser Pinto Nielsen Virtanen Kowalski Horák Tanaka Kim Lim Reyes Fraser Doyle Winter Marsh Aldous Pryce".split()
HOBBIES = ("喝茶，爱聊普洱", "钓鱼", "周末打羽毛球", "书法", "养兰花", "跑马拉松")
TABOOS = ("不喝酒，别劝", "家里有老人生病，少提", "不谈上一家供应商", "送礼忌白菊花", "午休时间不接电话")
NEEDS = (
    "春节礼盒要早两周到货",
    "想要带自家商标的小批量灯笼",
    "新店开业要一整套陈列",
    "换一家能做环保包装的供应商",
    "旺季之前备足库存",
    "要一份能转给客户的英文报价",
    "找能修旧木器的师傅",
    "想把月结延长到 60 天",
)
LEARNT_FROM = ("上门拜访", "电话里说的", "展会上聊的", "微信询价", "老客户介绍")
GOALS = (
    "今年订单全部在我们这里下",
    "把采购频率恢复到每月一次",
    "签下明年的框架合同",
    "请他们引荐兄弟公司",
    "投诉过后重新赢得信任",
)
CARS = ("五菱宏光", "大众帕萨特", "比亚迪秦", "江铃货车", "丰田凯美瑞", "依维柯厢车")
TITLES = ("采购经理", "总经理", "店长", "财务", "行政主管", "运营")
FOREIGN_TITLES = ("Buyer", "Owner", "Purchasing manager", "Accounts payable", "Shop manager")
SOURCES = ("广交会", "义博会", "老客户介绍", "1688 询盘", "阿里国际站", "展会名片", "上门拜访", "网店")


class Good(NamedTuple):
    code: str
    name: str
    category: str
    price_minor: int  # in fen, for a consumer; firms and dealers pay less


_CATALOGUE = {
    "陶瓷": ("手绘马克杯 2900", "青釉盖碗 6800", "陶瓷心形挂件 990", "釉下彩餐盘 3600", "迷你多肉花盆 1280", "骨瓷咖啡对杯 8800", "猫咪筷架 650", "荷叶茶漏 2200", "陶瓷烛台 3200", "手捏小茶宠 1900"),
    "布艺": ("亚麻桌旗 3900", "刺绣抱枕套 4200", "棉麻围裙 3500", "帆布手提袋 1800", "拼布杯垫四件 1600", "香囊挂件 1200", "扎染方巾 2600", "绗缝收纳筐 4800", "生日彩旗 1500", "圣诞布艺套装 5900"),
    "圣诞": ("木质胡桃夹子 4500", "圣诞袜 1900", "玻璃吊球六只 3900", "铃铛花环 5200", "雪花灯串 3600", "降临节日历 6900", "姜饼模具三件 2400", "驯鹿烛台 3300", "圣诞贺卡十张 1500", "礼品包装纸卷 980"),
    "文具": ("手账本 A5 3200", "黄铜书签 1600", "火漆印套装 5600", "复古信纸组 1900", "木杆钢笔 6900", "和纸胶带五卷 1800", "桌面台历 2500", "皮面笔记本 4900", "彩色橡皮 500", "植物标本书签 1300"),
    "厨房": ("竹制砧板 4600", "蛋糕架两层 8900", "烘焙模具六件 5200", "胡桃木勺 1500", "玻璃密封罐 2300", "棉布锅垫 1400", "复古开瓶器 1900", "面包篮 3100", "手冲壶 9800", "调味罐三只 3700"),
    "香薰": ("大豆蜡烛 3900", "藤条扩香 5900", "檀香礼盒 8800", "薰衣草香包 1100", "香薰石膏片 1700", "蜡烛灭烛罩 2800", "车载香片 1500", "沉香手串 12800", "浴盐球四枚 3600", "香插莲花 2600"),
    "玩具": ("木质积木 40 粒 5900", "毛线小熊 3900", "发条铁皮车 4500", "手工风筝 3300", "布偶兔子 4200", "拼图 500 片 3900", "竹蜻蜓 600", "弹珠罐 1900", "音乐盒 7900", "纸艺灯笼 1600"),
    "家饰": ("复古挂钟 12900", "黄铜托盘 6800", "相框三联 4300", "羊毛毡挂画 5500", "首饰盒 6200", "干花花束 3800", "收纳藤篮 4900", "桌面小夜灯 5800", "风铃 2900", "门牌挂件 2100"),
}  # fmt: skip
CHARGES = (("YF", "运费"), ("SX", "银行手续费"), ("ZK", "折扣"))


def goods() -> list[Good]:
    """The catalogue: category letters and a number make the code (CT-101)."""
    letters = {
        "陶瓷": "CT",
        "布艺": "BY",
        "圣诞": "SD",
        "文具": "WJ",
        "厨房": "CF",
        "香薰": "XX",
        "玩具": "WW",
        "家饰": "JS",
    }
    found = []
    for category, entries in _CATALOGUE.items():
        for place, entry in enumerate(entries):
            name, _, price = entry.rpartition(" ")
            found.append(Good(f"{letters[category]}-{101 + place}", name, category, int(price)))
    return found


CALL_NOTES = {
    "reached": ("聊了近况，下个月有新店开业", "对新款陶瓷感兴趣，已发图册", "说在比较另一家供应商的报价", "确认了交期，没有别的问题", "库存还够，过两周再看", "想要更小的起订量"),
    "no_answer": ("没人接，改天再打",),
    "left_message": ("留了言，请对方回电",),
    "will_order": ("月底前下单，先留货", "报价已确认，等财务付款", "要补一批香薰，数量待定"),
    "not_interested": ("今年预算砍了，暂时不进货", "换了采购，不打算再合作"),
}  # fmt: skip
# Nobody picks up an e-mail, and nobody leaves a message where he has just been.
NOTES_BY_CHANNEL = {
    ("no_answer", "wechat"): ("还没回消息，过两天再问",),
    ("no_answer", "email"): ("还没有回信，下周再写",),
    ("no_answer", "visit"): ("人出差了，没见着",),
    ("no_answer", "meeting"): ("约好在展会上见，没等到人",),
    ("left_message", "meeting"): ("没见着本人，名片和样册留在展位",),
    ("left_message", "wechat"): ("发了新品目录，等回复",),
    ("left_message", "email"): ("发了新品目录和报价，等回复",),
    ("left_message", "visit"): ("没见着本人，样品留在前台",),
}


def notes(outcome: str, channel: str) -> tuple[str, ...]:
    return NOTES_BY_CHANNEL.get((outcome, channel)) or CALL_NOTES[outcome]


COMPLAINTS = (
    "破损 {n} 件，要求换货",
    "晚到 {n} 天，错过活动",
    "颜色与样品不符",
    "少发 {n} 件",
    "包装受潮，外箱变形",
)
ANSWERS = ("补发破损件，运费我方承担", "退还差价", "已换货并致歉", "下单减免运费")
CALL_BACKS = ("回访：补发的货收到没有", "回访：对处理结果满意吗", "回访：退款到账没有")
PROMISES = ("补寄破损的 {n} 件", "周五前发新报价", "寄样品册", "查清物流并回复", "开好发票寄出")
TASKS = ("请总经理回访", "寄春季新品样册", "核对对账单", "约时间上门看样", "了解开新店的进度")

# name, what it is for, (field, how it is asked, values), whether it is a target
SEGMENTS = (
    ("一个月没联系的白金黄金客户", "每周一分给业务员打电话", (("grade", "is", ("platinum", "gold")), ("last_contact", "over_days", (30,))), False),
    ("广交会来的海外批发商", "春季广交会前寄邀请函", (("source", "has", ("广交会",)), ("scope", "is", ("channel",))), True),
    ("半年没下单的老单位", "发新品目录，请业务员问问原因", (("kind", "is", ("enterprise",)), ("last_purchase", "over_days", (180,)), ("orders", "least", (5,))), False),
)  # fmt: skip
WHY_KEY = ("销售额占我们一成，采购稳定", "海外渠道的样板客户")
ACCOUNT_GOALS = (
    "签下明年的框架合同\n陶瓷和香薰两类都由我们独家供货",
    "把家饰也带进他们的门店\n投诉当天答复，全年不超过两起",
)
ACCOUNT_PROJECTS = (
    "三月：新品看样会\n六月：包装改版，共同出设计",
    "春季：门店陈列方案\n旺季前：备货计划对齐",
)
REVIEWED = "与采购经理一起过了一遍计划：交期满意，希望增加小包装"
DECLINES = ("price", "competitor", "less_need", "less_need", "person", "range", "closing")
AFTER_COMPLAINTS = ("quality", "service", "delivery", "delivery", "neglect")
DEPARTMENTS = {
    "采购经理": "采购部", "店长": "门店", "财务": "财务部", "行政主管": "行政部", "运营": "运营部",
    "Buyer": "Purchasing", "Purchasing manager": "Purchasing", "Accounts payable": "Finance", "Shop manager": "Shop",
}  # fmt: skip
PAYING, DECIDING = ("财务", "Accounts payable"), ("总经理", "Owner")
