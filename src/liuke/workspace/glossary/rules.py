"""The words of the trade, what they mean here, and where they are at work (SC12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from liuke.customers.spelling.rules import fold


@dataclass(frozen=True)
class Term:
    """`english` and `chinese` stand side by side for every reader; `meaning` is told in his own language."""

    code: str
    english: str
    chinese: str
    meaning: str
    route: str = ""  # where it is at work
    query: str = ""
    source: str = ""  # who says so, where it is not our own word


KOTLER = "Kotler, Marketing Management"
FADER = "Fader & Hardie"

TERMS: tuple[Term, ...] = (
    Term(
        "lead",
        "potential customer",
        "潜在客户",
        gettext_noop("Somebody who might need what we sell, and whom nobody has judged yet."),
        "customers",
        "stage=lead",
        KOTLER,
    ),
    Term(
        "prospect",
        "prospective customer",
        "准顾客",
        gettext_noop(
            "A potential customer who has the need, the money and the say, and with whom somebody "
            "is in touch. He is not yet a customer: the first order makes him one."
        ),
        "customers",
        "stage=prospect",
        KOTLER,
    ),
    Term(
        "loyal",
        "loyal customer",
        "忠诚客户",
        gettext_noop("Whoever has come back at least three times and is not dissatisfied."),
        "customers",
        "stage=loyal",
    ),
    Term(
        "dormant",
        "dormant customer",
        "沉睡客户",
        gettext_noop(
            "Customers who have ordered nothing for longer than twice their own usual interval, 90 days at least."
        ),
        "former",
        "which=dormant",
    ),
    Term(
        "lost",
        "lost customer",
        "流失客户",
        gettext_noop("Customers who have ordered nothing for a year, or have said that they will not."),
        "former",
        "which=lost",
    ),
    Term(
        "won_back",
        "won back",
        "赢回",
        gettext_noop("A dormant or lost customer who has ordered again."),
        "former",
        "which=back",
    ),
    Term(
        "opportunity",
        "former customer",
        "机会客户",
        gettext_noop(
            "Whoever traded with us before and does no more: he knows us "
            "already, and costs less to win than a stranger."
        ),
        "former",
    ),
    Term(
        "key_account",
        "key account",
        "大客户",
        gettext_noop(
            "A customer with a plan, several people who work on him, and "
            "a day on which the plan is looked at again."
        ),
        "accounts",
    ),
    Term(
        "price_driven",
        "price-driven customer",
        "价格型客户",
        gettext_noop(
            "Whoever buys mostly where there is a discount, and compares prices before anything else."
        ),
        "customers",
        "price_driven=1",
    ),
    Term(
        "internal",
        "internal customer",
        "内部客户",
        gettext_noop("A colleague or department that depends on our work as a customer does."),
        "customers",
        "scope=internal",
    ),
    Term(
        "channel",
        "channel customer",
        "渠道客户",
        gettext_noop("Dealers and agents who sell on what they buy from us."),
        "customers",
        "scope=channel",
    ),
    Term(
        "card",
        "customer card",
        "客户资料卡",
        gettext_noop(
            "All that we know of a customer on one page: who they are, "
            "what happened, how they stand, what comes next."
        ),
        "customers",
        "complete.most=99&sort=complete",
    ),
    Term(
        "grade",
        "value grade",
        "价值等级",
        gettext_noop(
            "Platinum, gold, iron, lead: where a customer stands in the pyramid of sales. The highest "
            "one per cent are platinum, the next four gold, the next fifteen iron."
        ),
        "insight",
        "",
        "Zeithaml, Rust & Lemon, The Customer Pyramid",
    ),
    Term(
        "abc",
        "class by sales",
        "ABC 分类",
        gettext_noop(
            "A are the few who make the first large part of sales "
            "together, C the many who make the last small one."
        ),
        "insight-classes",
    ),
    Term(
        "risk",
        "churn risk",
        "流失风险",
        gettext_noop(
            "How likely a customer is leaving, 0 to 100, measured against the customer's own rhythm."
        ),
        "insight-risk",
        "",
        FADER,
    ),
    Term(
        "expected_loss",
        "expected loss",
        "预计流失额",
        gettext_noop(
            "What a customer is expected to bring in the time of the "
            "forecast, times the chance that he has left."
        ),
        "customers",
        "sort=-at_risk",
    ),
    Term(
        "at_risk",
        "money at risk",
        "面临流失的金额",
        gettext_noop("The expected loss of all customers at high churn risk."),
        "insight-risk",
    ),
    Term(
        "p_buy",
        "chance of an order",
        "下单可能",
        gettext_noop("The probability of at least one order within the forecast's days."),
        "customers",
        "sort=-value",
        FADER,
    ),
    Term(
        "clv",
        "customer lifetime value",
        "客户终身价值",
        gettext_noop("What a customer will still bring, discounted to today."),
        "insight",
        "",
        FADER,
    ),
    Term(
        "retention",
        "retention",
        "客户保持率",
        gettext_noop("The share of those who bought first in a month and bought again in each month since."),
        "insight-retention",
    ),
    Term(
        "gini",
        "concentration",
        "销售集中度",
        gettext_noop(
            "How far sales depend on a few. The Gini index is 0 where all "
            "buy alike and 1 where one buys everything."
        ),
        "insight-concentration",
    ),
    Term(
        "relation",
        "relationship type",
        "关系类型",
        gettext_noop("By volume and loyalty: partner, functional, emotional, drifting."),
        "insight-classes",
    ),
    Term(
        "level",
        "relation level",
        "关系层次",
        gettext_noop(
            "How closely we look after a customer: basic, reactive, proactive, accountable, "
            "partnership. None is better; customers deserve different ones."
        ),
        "insight-classes",
        "",
        KOTLER,
    ),
    Term(
        "decline",
        "gradual loss of value",
        "客户价值递减",
        gettext_noop(
            "Customers buy less step by step before they leave. Whoever looks after them finds out why."
        ),
        "insight-declines",
    ),
    Term(
        "segment",
        "segment",
        "客户分群",
        gettext_noop("Customers who have something in common, by a rule or picked by hand."),
        "segments",
        "",
        KOTLER,
    ),
    Term(
        "gap",
        "contact gap",
        "联系间隔",
        gettext_noop("Time without a talk beyond what the customer's grade is owed."),
        "customers",
        "last_contact.over_days=60",
    ),
    Term(
        "promise",
        "promise",
        "承诺",
        gettext_noop(
            "What somebody has told a customer that we will do, with its day. Few, and all of them kept."
        ),
        "today",
    ),
    Term(
        "authority",
        "say in the decision",
        "决策权",
        gettext_noop(
            "Who decides, who proposes, and who can say no: without the one who decides no talk comes to an end."
        ),
        "customers",
    ),
    Term(
        "track",
        "track record",
        "预测战绩",
        gettext_noop("Every forecast held against what came, so that everybody sees how far to trust it."),
        "insight-track-record",
    ),
)


def found(query: str, told: Sequence[tuple[Term, str]]) -> list[tuple[Term, str]]:
    """The terms with every word of `query` in their names or in what they mean, as `told` to the reader; names first."""
    words = fold(query).split()
    if not words:
        return list(told)
    hits = []
    for place, (term, meaning) in enumerate(told):
        named = fold(f"{term.english} {term.chinese}")
        if all(word in named for word in words):
            hits.append((0, place))
        elif all(word in f"{named} {fold(meaning)}" for word in words):
            hits.append((1, place))
    return [told[place] for _rank, place in sorted(hits)]
