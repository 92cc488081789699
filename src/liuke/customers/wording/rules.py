"""What words in people's files mean: charges that are no products, entries that take an order back, countries."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Final

from babel import Locale

from liuke.customers.spelling.rules import fold, letters

NUMBER_LIMIT: Final = 58  # of an order's number as read; two more are for the entry that takes it back
PRODUCT_CODE_LIMIT: Final = 60
TRIED_ORDERS: Final = (
    200  # how many earlier orders are looked through; who has more with one product is a till, not a person
)


class Mark(StrEnum):
    """What a column for the type or the state of an order says of a line."""

    REFUND = "refund"
    CANCELLATION = "cancellation"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Open, partial or refused claims: the order stands.
_STANDS: Final = (
    "部分",
    "未退",
    "未取消",
    "无退",
    "不退",
    "申请",
    "失败",
    "退款关闭",
    "退货关闭",
    "退款中",
    "退货中",
    "待退",
    "拒绝",
    "partial",
    "norefund",
    "notrefunded",
    "noreturn",
    "nonrefund",
    "request",
    "pending",
    "denied",
    "rejected",
    "uncancel",
    "notcancel",
)
_CANCELLED: Final = (
    "取消",
    "作废",
    "废单",
    "交易关闭",
    "订单关闭",
    "已关闭",
    "cancel",
    "void",
    "annul",
    "storno",
)
_GIVEN_BACK: Final = (
    "退货",
    "退款",
    "退单",
    "退换",
    "销退",
    "已退",
    "红字",
    "红冲",
    "冲红",
    "refund",
    "return",
    "creditnote",
    "creditmemo",
    "chargeback",
    "reversal",
    "reversed",
)


def mark(text: str) -> Mark | None:
    """Whether the word for an order's type or state says that it was called off or given back."""
    word = letters(text)
    if any(open_ in word for open_ in _STANDS):
        return None
    if any(cancelled in word for cancelled in _CANCELLED):
        return Mark.CANCELLATION
    if word == "退" or any(back in word for back in _GIVEN_BACK):
        return Mark.REFUND
    return None


# Codes under which systems put what is no product. A name, where there is one, must say so too: S may be a size.
_CHARGE_CODES: Final = _words(
    "post dot d m s b c2 cruk amazonfee bankcharges bankcharge postage shipping ship freight carriage "
    "delivery discount disc manual adjust adjustment adj fee fees handling samples rounding tax vat duty "
    "surcharge insurance voucher giftcard yf yunfei youfei"
)
# English charges end in what they are: DOTCOM POSTAGE, AMAZON FEE, Bank Charges. Weak words also end names of goods.
_HEADS: Final = _words(
    "postage shipping freight fee fees charge charges commission discount discounts surcharge rebate "
    "adjustment adjustments rounding refund deposit tip gratuity tax vat gst duty handling voucher "
    "vouchers giftcard"
)
_WEAK_HEADS: Final = _words(
    "carriage delivery manual samples sample debt post insurance correction credit card coupon coupons"
)
_PLAIN_HEADS: Final = _words("carriage delivery coupon coupons correction")
_MODIFIERS: Final = _words(
    "a and the of for to order line item next same day express standard economy international domestic "
    "overseas uk eu usa royal mail courier dotcom amazon ebay paypal alipay wechat stripe bank card "
    "credit debit transaction transfer wire payment service customs import export fuel packing packaging "
    "handling shipping delivery freight postage carriage insurance volume trade loyalty member promo "
    "promotion promotional coupon gift cash bulk early late seasonal staff total manual adjust bad debt "
    "cruk cod sales platform store restocking return extra additional other misc miscellaneous small free"
)
_CHINESE_ENDS: Final = re.compile(
    r"(?:运|邮|快递|物流|配送|送货|手续|包装|报关|装卸|仓储|保险|附加|刷卡|平台|代收|佣|通道|关税|税)(?:费|费用|金)$|"
    r"(?:邮资|关税|佣金|折扣|折让|优惠|优惠券|减免|立减|满减|抹零|差价|补差|调整|红包|代金券|礼品卡|购物卡|储值卡|充值|"
    r"预存款|押金|定金|订金|坏账)$"
)
_CHINESE_BEGINS: Final = re.compile(
    r"(?:运费|邮费|快递费|物流费|折扣|优惠金额|补差价|补运费|调整金额|抹零|手续费)"
)
_VOUCHER: Final = re.compile(r"\bgift\s*(?:voucher|card|certificate)s?\b|\bstore\s+credit\b", re.IGNORECASE)
_VOUCHER_CODE: Final = re.compile(r"gift_?\d{4}_\d+", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W\d_]+")
_IN_BRACKETS: Final = re.compile(r"[(\[{【（].*?[)\]}】）]")


def is_charge(code: str, name: str) -> bool:
    """Whether an invoice line is postage, a fee, a discount, a correction or stored money, and no product."""
    if _VOUCHER_CODE.fullmatch(code) or _VOUCHER.search(name):
        return True
    bare = _IN_BRACKETS.sub(" ", fold(name)).strip()
    if _CHINESE_ENDS.search(bare) or _CHINESE_BEGINS.match(bare):
        return True
    words = _WORDS.findall(bare)
    known_code = letters(code) in _CHARGE_CODES
    if not words:
        return known_code and len(letters(code)) > 1 and not _has_han(bare)
    last = words[-1]
    if known_code and any(word in _HEADS or word in _WEAK_HEADS for word in words):
        return True
    if last not in _HEADS and last not in _WEAK_HEADS:
        return False
    modified = all(word in _MODIFIERS or word in _HEADS for word in words[:-1])
    if last in _HEADS:
        return modified or (bool(code) and not any(c.isdigit() for c in code))
    alone = len(words) == 1 and last in _PLAIN_HEADS
    return (alone or (modified and len(words) > 1)) and not any(c.isdigit() for c in code)


def _has_han(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


# Names that people write and no standard lists.
_ALSO_CALLED: Final = """
    US: usa us america unitedstatesofamerica 美利坚
    GB: uk greatbritain britain england scotland wales northernireland 大不列颠 英格兰
    IE: eire republicofireland
    ZA: rsa
    AE: uae 阿联酋
    KR: korea republicofkorea southkorea 南韩 大韩民国
    NL: holland thenetherlands
    CZ: czech czechrepublic
    TR: turkey
    MM: burma
    CI: ivorycoast
    MK: macedonia
    RU: russianfederation
    CN: prc chinamainland mainlandchina 中国大陆 中国内地 大陆 内地
    HK: hongkong 香港 中国香港
    MO: macau macao 澳门 中国澳门
    TW: taiwan 台湾 中国台湾 臺灣
    VN: vietnam
"""


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("en", "zh_Hant", "zh_Hans"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ"}:
                known[letters(name)] = code
                known[code.lower()] = code
    for line in _ALSO_CALLED.strip().splitlines():
        code, _, names = line.strip().partition(": ")
        known |= dict.fromkeys(names.split(), code)
    return known


def country_code(text: str | None) -> str:
    """ISO 3166 alpha-2 of a country's name in English or Chinese, or of its code; blank when it is not known."""
    return _countries().get(letters(text), "") if text else ""


_INDIVIDUAL: Final = _words(
    "个人 个人客户 自然人 散客 消费者 会员 居民 individual person personal consumer private b2c 男 女"
)
_ENTERPRISE: Final = _words(
    "企业 企业客户 公司 公司客户 单位 单位客户 集团 集团客户 机构 机构客户 组织 法人 法人客户 团体 政府 学校 "
    "医院 商户 个体户 个体工商户 "
    "经销商 代理商 分销商 批发商 零售商 渠道 渠道客户 终端客户 厂家 供应商 enterprise company business corporate corporation "
    "organization organisation firm b2b dealer distributor wholesaler retailer agent reseller channel government institution"
)
_SCOPES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("consumer", _INDIVIDUAL | _words("消费客户 零售客户 终端消费者 retail endconsumer consumercustomer")),
    (
        "channel",
        _words(
            "经销商 代理商 分销商 批发商 渠道 渠道客户 加盟商 dealer distributor wholesaler agent reseller "
            "channel channelcustomer"
        ),
    ),
    ("internal", _words("内部 内部客户 internal internalcustomer")),
    ("b2b", _ENTERPRISE | _words("中间客户 businesscustomer")),
)
_STAGES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("lead", _words("潜在客户 潜在 线索 新线索 目标客户 lead potential potentialcustomer suspect")),
    (
        "prospect",
        _words("准客户 意向客户 意向 有意向 跟进中 商机 prospect prospectivecustomer opportunity qualified"),
    ),
    (
        "customer",
        _words(
            "客户 用户 成交客户 已成交 成交 正式客户 老客户 合作客户 合作中 签约客户 现有客户 活跃 活跃客户 "
            "customer user client active won"
        ),
    ),
    ("loyal", _words("忠诚客户 忠诚 忠实客户 loyal loyalcustomer")),
    ("dormant", _words("休眠 休眠客户 沉睡 沉睡客户 沉默客户 不活跃 dormant inactive sleeping")),
    ("lost", _words("流失 流失客户 已流失 失效客户 终止合作 lost churned former")),
    ("won_back", _words("赢回 赢回客户 挽回客户 召回客户 wonback recovered reactivated")),
    ("non_customer", _words("非客户 无效客户 无效 无意向 noncustomer notacustomer disqualified")),
)


def customer_kind(text: str | None) -> str | None:
    """enterprise or individual, by the word that a list uses for a customer's kind; None when it says neither."""
    word = letters(text or "")
    return "individual" if word in _INDIVIDUAL else "enterprise" if word in _ENTERPRISE else None


def customer_scope(text: str | None) -> str | None:
    """The scope (SC07) that such a word names."""
    word = letters(text or "")
    return next((scope for scope, words in _SCOPES if word in words), None)


def customer_stage(text: str | None) -> str | None:
    """The stage of a customer's life (SC05) that a word names."""
    word = letters(text or "").replace("_", "")
    return next((stage for stage, words in _STAGES if word in words), None)
