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
