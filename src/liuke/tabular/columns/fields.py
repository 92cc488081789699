"""The fields that a column of a customer's or a purchases' file can go into, and the names such columns bear.

Aliases are written once in simplified characters: `names.key` folds traditional characters, case, width, spaces and
punctuation before names are compared, so 客戶編號, "Customer ID" and CUSTOMER_ID need no entry of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    TEXT = "text"
    CODE = "code"  # a number or key by which something is known
    NAME = "name"  # of a person, a firm or a thing
    INSTANT = "instant"
    DATE = "date"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    CURRENCY = "currency"
    EMAIL = "email"
    PHONE = "phone"
    LABELS = "labels"  # several short words in one cell


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    aliases: tuple[str, ...]
    kind: Kind = Kind.TEXT
    required: bool = False
    vague: tuple[str, ...] = ()  # names that also fit other fields; they count less and need fitting values
    instead: tuple[str, ...] = ()  # not required when all of these fields have a column


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_CUSTOMER_NUMBER: Final = _words(
    "客户编号, 客户编码, 客户号, 客户代码, 客户代号, 客户ID, 客编, 会员号, 会员编号, 会员卡号, 会员ID, "
    "会员代码, 卡号, 用户ID, 用户编号, 用户号, 买家ID, 买家编号, 买家会员名, 顾客编号, 顾客号, 顾客ID, "
    "往来单位编号, 往来单位编码, 购货单位编码, 客户统编, customer_id, customer number, customer no, "
    "customer code, customer key, customer ref, cust id, cust no, cust code, custkey, client id, "
    "client number, client no, client code, account number, account no, account id, account code, "
    "member id, member number, member no, membership number, buyer id, user id, userid, uid, "
    "patron id, debtor number, partner id, party id"
)

_COUNTRY: Final = _words(
    "国家, 国家/地区, 国家地区, 国别, 国家代码, 收货国家, 目的国, country, country code, "
    "country/region, nation, ship country, shipping country, billing country"
)

CUSTOMER_FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "number",
        (*_CUSTOMER_NUMBER, *_words("编号, 编码, 代码, 序列号")),
        Kind.CODE,
        vague=_words("客户, 会员, 号码, id, no, number, code, key, customer, account, ref, reference"),
    ),
    Field(
        "name",
        _words(
            "客户名称, 客户名, 客户姓名, 客户全称, 客户简称, 公司名称, 公司名, 公司, 企业名称, 企业, "
            "单位名称, 单位, 姓名, 名称, 会员姓名, 会员名称, 会员名, 顾客姓名, 顾客名称, 用户姓名, "
            "用户名称, 买家姓名, 往来单位名称, 往来单位, 商户名称, 店名, 全名, 名字, 抬头, name, "
            "customer name, customer_name, full name, company, company name, organisation, "
            "organization, organization name, client name, account name, member name, business name, "
            "firm, trading name, display name, legal name"
        ),
        Kind.NAME,
        required=True,
        vague=_words("客户, 会员, 顾客, 买家, 用户名, customer, client, account, member, buyer, title"),
    ),
    Field(
        "kind",
        _words(
            "客户类型, 客户类别, 客户性质, 客户种类, 客户属性, 类型, 类别, 性质, 个人/企业, "
            "customer type, customer kind, client type, account type, kind, entity type, "
            "customer category, party type"
        ),
        vague=_words("type, category, 分类, segment"),
    ),
    Field(
        "phone",
        _words(
            "电话, 联系电话, 电话号码, 固定电话, 固话, 座机, 座机号, 办公电话, 公司电话, 单位电话, "
            "客户电话, 市话, 家庭电话, phone, phone number, telephone, telephone number, tel, tel no, "
            "landline, office phone, work phone, business phone, company phone, home phone, phone no, "
            "main phone"
        ),
        Kind.PHONE,
        vague=_words("联系方式, 联络方式, contact number, contact no"),
    ),
    Field(
        "mobile",
        _words(
            "手机, 手机1, 电话1, 手机号, 手机号码, 移动电话, 行动电话, 移动手机, 联系手机, 手机电话, 会员手机, "
            "会员手机号, 收货人手机, mobile, mobile phone, mobile number, mobile no, cell, cell phone, "
            "cellphone, cell number, handphone"
        ),
        Kind.PHONE,
        vague=_words("联系方式, 联络方式, contact number"),
    ),
    Field(
        "email",
        _words(
            "邮箱, 电子邮箱, 电子邮件, 邮件, 邮箱地址, 邮件地址, 电邮, 电邮地址, 电子信箱, 信箱, "
            "联系邮箱, email, e-mail, mail, email address, e-mail address, mail address, work email, "
            "contact email"
        ),
        Kind.EMAIL,
    ),
    Field(
        "wechat",
        _words(
            "微信, 微信号, 微信ID, 微信账号, 微信号码, wechat, wechat id, weixin, weixin id, "
            "wechat account, wx"
        ),
    ),
    Field(
        "address",
        _words(
            "地址, 联系地址, 通讯地址, 详细地址, 公司地址, 收货地址, 客户地址, 街道, 街道地址, 住址, "
            "家庭地址, 办公地址, address, street, street address, address line 1, address1, "
            "full address, mailing address, shipping address, billing address, postal address"
        ),
    ),
    Field(
        "city", _words("城市, 市, 所在城市, 地级市, 所在市, 市县, city, town, city name, locality, suburb")
    ),
    Field(
        "province",
        _words(
            "省, 省份, 所在省, 所在省份, 省市, 省/州, 州, 州/省, 省州, 地区, 省自治区, province, "
            "state, region, county, state/province, province/state, prefecture"
        ),
    ),
    Field("country", (*_COUNTRY, *_words("所在国家, 所在国"))),
    Field(
        "source",
        _words(
            "来源, 客户来源, 来源渠道, 客户来源渠道, 获客渠道, 线索来源, 信息来源, 注册来源, 推广渠道, "
            "source, lead source, customer source, origin, acquisition channel, acquisition source, "
            "how found"
        ),
        vague=_words("渠道, channel"),
    ),
    Field(
        "stage",
        _words(
            "阶段, 客户阶段, 客户状态, 跟进阶段, 销售阶段, 跟进状态, 生命周期, 生命周期阶段, stage, "
            "customer stage, lifecycle, lifecycle stage, sales stage, customer status, account status"
        ),
        vague=_words("状态, status"),
    ),
    Field(
        "owner",
        _words(
            "负责人, 业务员, 客户经理, 销售员, 销售人员, 销售代表, 销售, 跟进人, 归属人, 所属业务员, "
            "所属销售, 专属客服, 维护人, 责任人, 业务代表, 业务担当, 客户负责人, owner, account owner, "
            "account manager, salesperson, sales person, sales rep, sales representative, rep, "
            "customer owner, assigned to, responsible, handled by"
        ),
    ),
    Field(
        "team",
        _words(
            "团队, 部门, 所属部门, 所属团队, 销售团队, 业务部门, 小组, 销售组, 归属部门, team, "
            "department, sales team, dept, group"
        ),
    ),
    Field(
        "contact_name",
        _words(
            "联系人, 联系人1, 联系人姓名, 联络人, 主要联系人, 联系人名称, 首要联系人, 窗口, 联络窗口, contact, "
            "contact name, contact person, primary contact, main contact, attention, attn"
        ),
        Kind.NAME,
    ),
    Field(
        "title",
        _words(
            "职务, 职务1, 职位, 联系人职务, 联系人职位, 头衔, 职称, 岗位, job title, position, contact title, "
            "job position, role"
        ),
        vague=_words("称谓, title"),
    ),
    Field(
        "birthday",
        _words(
            "生日, 出生日期, 出生年月, 出生年月日, 会员生日, 客户生日, birthday, birth date, "
            "date of birth, dob, birthdate"
        ),
        Kind.DATE,
    ),
    Field(
        "note",
        _words(
            "备注, 说明, 备注信息, 客户备注, 附注, 注释, 描述, note, notes, remark, remarks, comment, "
            "comments, memo, description"
        ),
    ),
    Field(
        "tags",
        _words("标签, 客户标签, 会员标签, 标记, 关键词, tags, tag, labels, label, keywords, customer tags"),
        Kind.LABELS,
    ),
)

PURCHASE_FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "customer",
        _CUSTOMER_NUMBER,
        Kind.CODE,
        required=True,
        vague=_words(
            "客户, 会员, 买家, 顾客, 用户, 手机号, 会员手机号, customer, client, account, member, "
            "buyer, user, id"
        ),
        instead=("customer_name",),
    ),
    Field(
        "customer_name",
        _words(
            "客户名称, 客户名, 客户姓名, 客户全称, 客户简称, 会员姓名, 会员名称, 顾客姓名, 买家姓名, "
            "买家昵称, 买家名称, 用户姓名, 购货单位, 往来单位, 往来单位名称, 收货人, 收货人姓名, "
            "公司名称, 单位名称, customer name, client name, account name, buyer name, company name, "
            "member name, bill to name, billing name, ship to name"
        ),
        Kind.NAME,
        vague=_words("客户, 会员, 买家, 顾客, 姓名, 公司, customer, client, buyer, company, name"),
    ),
    Field(
        "order_number",
        _words(
            "订单号, 订单编号, 订单ID, 订单号码, 订单编码, 单号, 单据号, 单据编号, 销售单号, 销货单号, "
            "出库单号, 交易号, 交易编号, 流水号, 小票号, 发票号, 发票号码, 发票编号, 主订单编号, "
            "子订单编号, 合同号, 合同编号, 商户订单号, order number, order no, order_id, order ref, "
            "order reference, order code, invoice number, InvoiceNo, invoice id, invoice, "
            "receipt number, receipt no, receipt id, transaction id, transaction number, "
            "transaction no, sales order, document number, doc no, bill no, basket id, ticket number"
        ),
        Kind.CODE,
        vague=_words("订单, 编号, order, transaction, document"),
    ),
    Field(
        "at",
        _words(
            "下单时间, 下单日期, 订单时间, 订单日期, 订单创建时间, 付款时间, 付款日期, 支付时间, "
            "支付日期, 订单付款时间, 成交时间, 成交日期, 交易时间, 交易日期, 购买时间, 购买日期, "
            "消费时间, 消费日期, 销售日期, 销售时间, 单据日期, 开票日期, 开单日期, 出库日期, 发货日期, "
            "日期, 时间, 创建时间, 业务日期, 记账日期, 结账时间, 签约日期, InvoiceDate, order date, "
            "order time, ordered at, order_datetime, purchase date, purchased at, purchase time, "
            "transaction date, transaction time, transaction datetime, sale date, sales date, sold at, "
            "payment date, paid at, date, datetime, timestamp, created at, date of purchase, "
            "invoice time, posting date, document date, order purchase timestamp"
        ),
        Kind.INSTANT,
        required=True,
        vague=_words("time, day, when, created, 年月日"),
    ),
    Field(
        "amount",
        _words(
            "金额, 实付金额, 实收金额, 订单金额, 付款金额, 支付金额, 成交金额, 交易金额, 消费金额, "
            "销售金额, 销售额, 总金额, 总价, 合计, 合计金额, 价税合计, 含税金额, 应收金额, 应付金额, "
            "买家实付金额, 买家应付货款, 实付款, 实付, 实收, 小计, 行金额, 折后金额, 订单总额, 总额, "
            "总计, 净额, 结算金额, 本币金额, amount, total, total amount, order amount, order total, "
            "order value, line total, line amount, net amount, gross amount, paid amount, amount paid, "
            "payment amount, sales, sales amount, sale amount, revenue, turnover, spend, value, "
            "subtotal, sub total, grand total, total price, total value, dollar value, invoice amount, "
            "purchase amount, monetary, transaction amount, total_amount, net sales"
        ),
        Kind.AMOUNT,
        required=True,
        vague=_words("价格, price, sum, net, gross, paid"),
        instead=("unit_price", "quantity"),
    ),
    Field(
        "currency",
        _words(
            "币种, 币别, 货币, 货币代码, 结算币种, 原币, 币种代码, currency, currency code, curr, ccy, "
            "transaction currency"
        ),
        Kind.CURRENCY,
    ),
    Field(
        "product_code",
        _words(
            "产品编码, 产品编号, 产品代码, 产品ID, 商品编码, 商品编号, 商品代码, 商品ID, 商品条码, "
            "货号, 款号, 物料编码, 物料号, 料号, 品号, 条码, 条形码, 存货编码, 商家编码, 规格编码, "
            "型号, StockCode, product code, product id, product number, product no, sku, sku code, "
            "sku id, item code, item number, item no, item id, article number, article no, article, "
            "part number, part no, barcode, ean, upc, asin, material number"
        ),
        Kind.CODE,
        vague=_words("产品, 商品, 编码, product, item, code"),
    ),
    Field(
        "product_name",
        _words(
            "产品名称, 产品名, 商品名称, 商品名, 商品标题, 宝贝标题, 货品名称, 货品, 物料名称, 品名, "
            "存货名称, 商品描述, 品名规格, 产品描述, Description, product name, item name, "
            "product title, item description, product description, item title, article name, "
            "product_name"
        ),
        Kind.NAME,
        vague=_words("产品, 商品, 名称, product, item, title, name"),
    ),
    Field(
        "category",
        _words(
            "产品类别, 产品分类, 商品类别, 商品分类, 品类, 类目, 大类, 产品线, 类别, 品类名称, "
            "产品类型, product category, category, item category, product group, product type, "
            "product line, department"
        ),
    ),
    Field(
        "quantity",
        _words(
            "数量, 购买数量, 件数, 销售数量, 商品数量, 下单数量, 订购数量, 宝贝总数量, 购买件数, 销量, "
            "个数, 出库数量, Quantity, qty, units, pieces, pcs, number of items, item quantity, "
            "number of units, ordered quantity, quantity ordered, order quantity, number of cds"
        ),
        Kind.QUANTITY,
        vague=_words("count, items, volume"),
    ),
    Field(
        "unit_price",
        _words(
            "单价, 商品单价, 销售单价, 含税单价, 成交单价, 产品单价, 商品价格, 产品价格, 售价, "
            "折后单价, UnitPrice, unit price, price per unit, price each, item price, unit cost price, "
            "selling price, sale price, list price, unit amount, price_unit, rate"
        ),
        Kind.AMOUNT,
        vague=_words("价格, price"),
    ),
    Field("country", _COUNTRY),
    Field(
        "cost",
        _words(
            "成本, 成本价, 成本金额, 采购成本, 总成本, 销售成本, 成本总额, cost, total cost, "
            "cost amount, cogs, cost of goods, cost of goods sold, line cost, cost value"
        ),
        Kind.AMOUNT,
    ),
    Field(
        "channel",
        _words(
            "渠道, 销售渠道, 通路, 平台, 店铺, 店铺名称, 门店, 门店名称, 下单渠道, 订单来源, 销售平台, "
            "来源平台, 分店, channel, sales channel, order channel, platform, store, store name, shop, "
            "marketplace, outlet, branch, order source"
        ),
        vague=_words("来源, source"),
    ),
)
