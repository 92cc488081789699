"""Every text of the report: name -> (Simplified Chinese, English). Traditional is derived: tools/messages.py."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("客户留存报告", "Who stays, who is slipping away"),
    "as_of": ("截至 {day}", "As of {day}"),
    "ahead": ("往后看 {days} 天（至 {day}）", "looking {days} days ahead (to {day})"),
    "log": (
        "{customers} 位客户 · {purchases} 次购买 · {first} 至 {last}",
        "{customers} customers · {purchases} purchases · {first} to {last}",
    ),
    "made_by": ("由 Liuke 留客 生成", "Made by Liuke 留客"),
    # headline
    "kpi_risk": ("面临流失的金额（{days} 天）", "Money at risk ({days} days)"),
    "kpi_risk_note": (
        "来自 {high} 位高风险客户；偏离自己节奏的共 {customers} 位",
        "with {high} customers at high risk; {customers} are off their own rhythm in all",
    ),
    "kpi_buyers": ("预计会来买的客户", "Customers expected to buy"),
    "kpi_buyers_note": (
        "{days} 天内；九成把握在 {low} 到 {high} 之间",
        "within {days} days; 90 % sure of {low} to {high}",
    ),
    "kpi_value": ("预计销售额（{days} 天）", "Sales expected ({days} days)"),
    "kpi_value_note": ("来自现有客户，不含新客户", "from today's customers; new ones would come on top"),
    "kpi_top": ("前 20% 客户占销售额", "Share of the top 20 %"),
    "kpi_top_note": ("基尼系数 {gini}", "Gini coefficient {gini}"),
    # slipping away
    "slipping": ("谁正在离开，为什么", "Who is slipping away, and why"),
    "slipping_lead": (
        "按可能流失的金额排列，沉默已久的排在后面。每位客户都与他自己的习惯相比，不与平均数相比。",
        "Ranked by the money at stake, the long silent last. Everyone is measured against his own habit, not an average.",
    ),
    "slipping_none": (
        "没有客户偏离自己的节奏。",
        "Nobody is off his own rhythm.",
    ),
    "slipping_more": (
        "另有 {customers} 位客户偏离节奏，合计 {money}，见评分文件。",
        "{customers} more customers are off their rhythm, {money} together; the scores file has them.",
    ),
    "col_customer": ("客户", "Customer"),
    "col_why": ("原因", "Why"),
    "col_risk": ("风险", "Risk"),
    "col_money": ("可能流失", "At stake"),
    "col_expected": ("预计金额", "Expected"),
    "col_when": ("预计时间", "When"),
    "col_rhythm": ("节奏", "Rhythm"),
    "last_bought": ("上次 {day} · 共 {purchases} 次", "last {day} · {purchases} purchases"),
    "last_bought_once": ("{day} · 1 次", "{day} · 1 purchase"),
    "risk_high": ("高 {risk}", "High {risk}"),
    "risk_watch": ("中 {risk}", "Medium {risk}"),
    "risk_low": ("低 {risk}", "Low {risk}"),
    "band_low": ("低", "Low"),
    "band_watch": ("中", "Medium"),
    "band_high": ("高", "High"),
    "band_lost": ("已流失", "Lost"),
    # reasons
    "gap": (
        "一向约 {usual} 天下一单，这次已 {days} 天没下单（比他以往 {percentile}% 的间隔都长）",
        "usually buys every {usual} days; none for {days} (longer than {percentile}% of the customer's own gaps)",
    ),
    "gap_once": (
        "只回购过一次，隔了 {gap} 天；这次已 {days} 天没下单，在这类客户里算久的",
        "came again once, after {gap} days; none for {days} since, long for customers like this",
    ),
    "rhythm_once": (
        "{days} 天前买过；只回购过一次，隔了 {gap} 天",
        "bought {days} days ago; came again once so far, after {gap} days",
    ),
    "due_once": (
        "只回购过一次，隔了 {gap} 天；上一单在 {days} 天前，又到这个时候了",
        "came again once, after {gap} days; last bought {days} days ago: about that time again",
    ),
    "bought_once": ("只买过一次，{days} 天前，之后没有再来", "bought once, {days} days ago, and not again"),
    "basket_fell": (
        "最近几单平均 {to}，以前是 {from_}",
        "the last orders average {to}, down from {from_}",
    ),
    "breadth_fell": (
        "最近每单 {to} 种商品，以前是 {from_} 种",
        "the last orders hold {to} products each, down from {from_}",
    ),
    "returns": (
        "近 {days} 天买的东西有 {share} 退了（{amount}）",
        "{share} of what was bought in {days} days came back ({amount})",
    ),
    "discount_rose": (
        "近来折扣占 {to}，以前是 {from_}",
        "discounts have taken {to} off lately, up from {from_}",
    ),
    "event": (
        "{kind}：近 90 天 {count} 次，最近一次在 {days} 天前",
        "{kind}: {count} within 90 days, the last {days} days ago",
    ),
    "on_rhythm": (
        "{days} 天前买过，一向约 {usual} 天一次",
        "bought {days} days ago, usually every {usual}",
    ),
    "seldom": (
        "一共买过 {purchases} 次，上次在 {days} 天前；这样的客户，不少没再来",
        "bought {purchases} times, last {days} days ago: many customers like this do not come again",
    ),
    "due": (
        "一向约 {usual} 天下一单，上一单在 {days} 天前，该买了",
        "usually every {usual} days, last {days} days ago: due to buy again",
    ),
    "won_back": ("停了 {gap} 天后又回来了", "came back after {gap} days"),
    "new": ("新客户，{days} 天前第一次买", "new: first bought {days} days ago"),
    "basket_rose": ("最近几单平均 {to}，以前是 {from_}", "the last orders average {to}, up from {from_}"),
    "breadth_rose": (
        "最近每单 {to} 种商品，以前是 {from_} 种",
        "the last orders hold {to} products each, up from {from_}",
    ),
    "join": ("；", "; "),
    # due
    "due_title": ("按习惯，现在该买了", "Due about now, by their own habit"),
    "due_lead": (
        "他们通常就在这几天下单。一个电话，问问缺什么。",
        "They usually order these days. One call: ask what is running out.",
    ),
    "due_none": ("没有客户正好到了该买的时候。", "Nobody is due right now."),
    "between": ("{start} – {end}", "{start} – {end}"),
    "every": ("约 {usual} 天一次", "every {usual} days"),
    # weeks
    "weeks": ("往后每周预计有多少客户来买", "Customers expected, week by week"),
    "weeks_lead": (
        "每位预计会来的客户按其下一次购买计一次，合计 {customers} 位。",
        "Each expected customer counts once, by his next purchase: {customers} in all.",
    ),
    "week_of": ("一周起始", "Week from"),
    "customers": ("客户数", "Customers"),
    # pyramid
    "pyramid": ("价值金字塔", "Value pyramid"),
    "pyramid_lead": (
        "近 12 个月的活跃客户 {customers} 位，按销售额分级。",
        "The {customers} customers active in the last 12 months, by sales.",
    ),
    "platinum": ("白金", "Platinum"),
    "gold": ("黄金", "Gold"),
    "iron": ("铁", "Iron"),
    "lead": ("铅", "Lead"),
    "col_grade": ("等级", "Grade"),
    "col_share_customers": ("占客户", "Of customers"),
    "col_share_sales": ("占销售额", "Of sales"),
    "col_sales": ("近 12 个月销售额", "Sales, 12 months"),
    "col_at_risk": ("可能流失", "At risk"),
    # concentration
    "lorenz": ("销售集中在少数客户身上吗", "How few customers carry the sales"),
    "lorenz_lead": (
        "曲线离对角线越远，越依赖少数客户。前 1% 占 {top1}，前 10% 占 {top10}，前 20% 占 {top20}。",
        "The further from the diagonal, the fewer carry it. Top 1 %: {top1}, top 10 %: {top10}, top 20 %: {top20}.",
    ),
    "lorenz_x": ("客户（由小到大）", "customers, smallest first"),
    "lorenz_y": ("销售额", "sales"),
    "equal": ("完全平均", "all alike"),
    # retention
    "retention": ("老客户还在买吗", "Do they keep buying?"),
    "retention_lead": (
        "每行是同一{period}第一次购买的客户；格子是其中有多少人在之后的{period}里买过。",
        "Each row is the customers won in one {period}; the cells say how many of them bought in the {period}s after.",
    ),
    "period_month": ("月", "month"),
    "period_quarter": ("季", "quarter"),
    "cohort": ("首次购买", "First bought"),
    "unfinished": ("* 该{period}尚未结束", "* the {period} has not ended"),
    # risk
    "risk": ("风险分布", "Where everyone stands"),
    "risk_lead": (
        "风险 0 到 100：对照自己的节奏，不会再照旧购买的可能性。",
        "Risk from 0 to 100: how likely, against his own rhythm, a customer no longer buys as he used to.",
    ),
    "risk_of": ("风险 {start}–{end}", "Risk {start}–{end}"),
    "stages": (
        "活跃 {active} · 沉睡 {dormant} · 流失 {lost} · 挽回 {won_back}",
        "Active {active} · dormant {dormant} · lost {lost} · won back {won_back}",
    ),
    # trust
    "trust": ("可信到什么程度", "How far to trust this"),
    "trust_backtest": (
        "回头检验：站在 {day}，只用当时已有的数据，按事先定好的权重、不计季节，会预计 {expected} 位客户在 {days} 天内来买；"
        "实际来了 {came} 位（共 {customers} 位）。",
        "Looking back: on {day}, knowing only what was known then, by weights set beforehand and without the season, we would "
        "have expected {expected} of {customers} customers to buy within {days} days; {came} came.",
    ),
    "trust_sorting": (
        "任取一位来的和一位没来的，有 {auc} 的机会把来的那位排在前面（50% 等于掷硬币）。",
        "Of one who came and one who did not, it ranks the first higher in {auc} of cases (50 % would be a coin).",
    ),
    "trust_none": (
        "记录太短，还不能回头检验：本期预测请谨慎使用。",
        "The log is too short to look back and check: take the forecast with care.",
    ),
    "trust_fallback": (
        "数据不足以支撑模型（{reason}），因此只用节奏规则判断：拿每位客户的等待与他自己的间隔相比。",
        "The data carry no model ({reason}), so the rhythm rule judges alone: each wait against the customer's own gaps.",
    ),
    "why_TooFewCustomers": (
        "至少要有 {needed} 位买过东西的客户，现有 {found} 位",
        "{needed} customers with purchases are needed, there are {found}",
    ),
    "why_TooFewCustomers_repeaters": (
        "至少要有 {needed} 位买过不止一次的客户，现有 {found} 位",
        "{needed} customers who bought more than once are needed, there are {found}",
    ),
    "why_NoRepeatBuyers": ("没有人买过第二次", "nobody bought twice"),
    "why_other": ("拟合未成", "no fit was found"),
    "trust_boundary": (
        "注意：{models} 拟合到了边界（看上去“没有人会离开”），因此不用它们判断谁已离开，改用节奏规则。",
        "Note: the fit of {models} lies at the edge (“nobody ever leaves”), so the rhythm rule, not they, tells who has left.",
    ),
    "trust_off": (
        "注意：上一段时间预测的总量与实际相差 {share}，可能与季节有关；排序可信，总量请留余地。",
        "Note: at the last check the total was off by {share}, perhaps by the season; trust the order, allow for the total.",
    ),
    "trust_season_unknown": (
        "注意：记录还不满一年（加预测期），看不出季节；旺季或淡季的总量可能偏差较大。",
        "Note: the log is too short to know the seasons; before a high or low season the total may be well off.",
    ),
    "trust_season_known": (
        "去年同期的起伏已计入预测。",
        "Last year's swing at this time of year is part of the forecast.",
    ),
    "calibration": ("说几成，来几成", "What was said, what came"),
    "calibration_lead": (
        "按预测分十组，点越靠近对角线越准。",
        "Ten groups by forecast; the nearer the dots to the diagonal, the better.",
    ),
    "said": ("预测", "forecast"),
    "came": ("实际", "came"),
    "group": ("组", "Group"),
    "losses": ("同一天，各方法的对数损失（越小越好）", "Log loss of each method on that day (less is better)"),
    "method": ("方法", "Method"),
    "loss": ("对数损失", "Log loss"),
    "this_forecast": ("本报告的预测", "this forecast"),
    "rhythm": ("节奏规则", "rhythm rule"),
    "logistic": ("逻辑回归（单独）", "logistic regression alone"),
    "boosted": ("提升树（单独）", "boosted trees alone"),
    "rfm": ("近度、频度、金额（单独）", "recency, frequency, money alone"),
    # method
    "how": ("怎么算的", "How it is reckoned"),
    "how_purchase": (
        "同一客户同一天的全部购买算一次；退款和取消不算购买，只减少此前购买的金额。",
        "All that a customer buys on one day is one purchase; refunds and cancellations are none, they lower what came before.",
    ),
    "how_risk": (
        "面临流失的金额 = 所有流失风险高的客户：若照近 12 个月那样买，在 {days} 天内会带来的金额 × 不再照旧的可能性，加总。",
        "Money at risk = of all customers at high risk, what each would bring within {days} days at the pace of the last "
        "12 months × the chance that he does not.",
    ),
    "how_stage": (
        "沉睡：超过 90 天且超过自己间隔的 2 倍没有购买；流失：超过 365 天。",
        "Dormant: no purchase for over 90 days and twice his own gap; lost: for over 365 days.",
    ),
    "how_forecast": (
        "预测由购买模型、逻辑回归、提升树和 RFM 规则合成，权重只从更早的日子学来。",
        "The forecast blends a purchase model, a logistic regression, boosted trees and RFM, weighed by earlier days only.",
    ),
    "how_forecast_rhythm": (
        "预测只用节奏规则：没有合适的统计模型。",
        "The rhythm rule alone makes the forecast; no model could be fitted.",
    ),
    "how_left_out": (
        "{rows} 行读不出来，未计入。",
        "{rows} rows could not be read and were left out.",
    ),
    "how_later": (
        "{rows} 行在截止日之后，未计入。",
        "{rows} rows lie after the day judged and were set aside.",
    ),
    "how_aside": (
        "{rows} 行没有客户，未计入。",
        "{rows} rows name no customer and were set aside.",
    ),
    "table": ("看数字", "Show the figures"),
    # what the command says
    "step_reading": ("正在读取", "reading"),
    "step_judging": ("正在判断", "judging"),
    "step_writing": ("正在写出", "writing"),
    "told_judged": (
        "已判断 {customers} 位客户的 {purchases} 次购买，截至 {day}，用时 {seconds} 秒",
        "{customers} customers with {purchases} purchases judged as of {day} in {seconds} s",
    ),
    "told_aside": (
        "{rows} 行中有 {without} 行没有客户，未计入",
        "{without} of {rows} rows name no customer and were set aside",
    ),
    "told_later": (
        "{rows} 行在截止日之后，未计入",
        "{rows} rows lie after the day judged and were set aside",
    ),
    "told_folded": (
        "已并入 {rows} 行，撤回 {retracted} 行；重新计算 {customers} 位客户",
        "folded in: {rows} rows, {retracted} taken back; {customers} customers anew",
    ),
    "told_already": (
        "{log} 以前并入过，这次没有改动（--again 会再计一次）",
        "{log} was there already and changed nothing (--again counts its rows once more)",
    ),
    "told_negative": (
        "{entries} 笔负数按退款处理：不算购买，只减少此前购买的金额",
        "{entries} negative entries were taken for refunds: none is a purchase, each lowers those before it",
    ),
    "told_high": ("高流失风险：{customers} 位客户", "at high risk: {customers} customers"),
    "told_fallback": (
        "数据还不足以建立统计模型（{why}），改按节奏规则判断",
        "no model could be fitted ({why}); the rhythm rule judged",
    ),
    "told_written": ("已写入：{target}", "written: {target}"),
}  # fmt: skip
