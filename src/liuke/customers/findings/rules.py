"""What only an import can say of a file, and what the fields are called that its columns go into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# What only the import can say.
OF_IMPORTS: Final[Mapping[str, tuple[str, str]]] = {
    "order_of_two_customers": (
        gettext_noop(
            "Order {number} belongs to customer “{first}” since row {first_row}; this row names “{value}”."
        ),
        gettext_noop("Correct the customer, or give this row another order number."),
    ),
    "order_of_two_currencies": (
        gettext_noop("Order {number} is in {first} since row {first_row}; this row is in {value}."),
        gettext_noop("Correct the currency, or give this row another order number."),
    ),
    "order_incomplete": (
        gettext_noop(
            "Row {wrong_row} of the same order, {number}, is wrong: the order stays out with all its rows."
        ),
        gettext_noop("Correct row {wrong_row} and import it together with this one."),
    ),
    "order_of_two_dates": (
        gettext_noop(
            "Orders whose rows carry two different dates: {count} (order: rows {pairs}). Each has the earlier one."
        ),
        gettext_noop("Correct the date in your file if the later one is right, and import it again."),
    ),
    "out_of_reach": (
        gettext_noop("Customer “{value}” or order {number} is looked after by people outside your team."),
        gettext_noop("Ask somebody who looks after everybody to import this row."),
    ),
    "duplicate_number": (
        gettext_noop("The number “{value}” stands in row {first_row} already."),
        gettext_noop("Keep one of the two rows, or give each a number of its own."),
    ),
    "duplicate_customer": (
        gettext_noop("This is the customer of row {first_row} again: both have “{value}”."),
        gettext_noop("Keep one of the two rows, or give each a number of its own."),
    ),
    "first_row_out": (
        gettext_noop("The customer of this person, “{value}” in row {first_row}, stays out."),
        gettext_noop("Correct row {first_row} and import it together with this one."),
    ),
    "rows_differ": (
        gettext_noop(
            "Rows that say something else of their customer than the first row does ({value}): what that one says counts. "
            "Rows: {rows} ({count} in all)."
        ),
        gettext_noop("The file of rows to correct names each cell."),
    ),
    "differs_from_first": (
        gettext_noop("Row {first_row} of the same customer says something else here."),
        gettext_noop("Make both alike, or leave this cell blank."),
    ),
    "date_too_late": (
        gettext_noop("“{value}” is later than today."),
        gettext_noop("Correct the date."),
    ),
    "name_of_several": (
        gettext_noop("“{value}” is the name of several customers: {known}."),
        gettext_noop("Add a column with the customer number, and fill in whose order {number} is."),
    ),
    "matches_several": (
        gettext_noop("“{value}” belongs to several customers: {known}."),
        gettext_noop("Add the customer number to this row."),
    ),
    "matches_several_others": (
        gettext_noop("“{value}” belongs to several customers, and not to yours alone."),
        gettext_noop("Add the customer number to this row, or ask somebody who looks after everybody."),
    ),
    "key_blank": (
        gettext_noop("What the customer is to be recognised by is missing."),
        gettext_noop("Fill it in, or choose another way to recognise customers."),
    ),
    "number_taken": (
        gettext_noop("The number “{value}” is another customer's."),
        gettext_noop("Correct the number, or leave it blank."),
    ),
    "number_differs": (
        gettext_noop("This customer has the number {known} here, not “{value}”."),
        gettext_noop("Correct the number, or leave it blank."),
    ),
    "phone_unreadable": (
        gettext_noop(
            "What is no telephone number ({value}) was left out; the customers come in. Rows: {rows} ({count} in all)."
        ),
        gettext_noop(
            "Write it like 13800138000 or +86 571 8888 8888; the file of rows to correct has them all."
        ),
    ),
    "phone_wrong": (
        gettext_noop("“{value}” is not a telephone number."),
        gettext_noop("Write it like 13800138000 or +86 571 8888 8888."),
    ),
    "phone_doubtful": (
        gettext_noop(
            "Telephone numbers of an unusual length ({value}) were taken as they are. Rows: {rows} ({count} in all)."
        ),
        gettext_noop(
            "Correct them in your file and import it again, unless they are short numbers such as 95588."
        ),
    ),
    "email_unreadable": (
        gettext_noop(
            "What is no e-mail address ({value}) was left out; the customers come in. Rows: {rows} ({count} in all)."
        ),
        gettext_noop("Write it like name@example.com and import these rows again."),
    ),
    "email_wrong": (
        gettext_noop("“{value}” is not an e-mail address."),
        gettext_noop("Write it like name@example.com."),
    ),
    "account_unreadable": (
        gettext_noop(
            "What is no account ({value}) was left out; the customers come in. Rows: {rows} ({count} in all)."
        ),
        gettext_noop("Correct it and import these rows again."),
    ),
    "account_wrong": (
        gettext_noop("“{value}” is not an account that can be written to."),
        gettext_noop("Correct it."),
    ),
    "own_unreadable": (
        gettext_noop(
            "What does not fit the field ({value}) was left out; the customers come in. Rows: {rows} ({count} in all)."
        ),
        gettext_noop(
            "Write it as the field's type asks, such as 2026-11-22 or 1200, and import these rows again."
        ),
    ),
    "own_wrong": (
        gettext_noop("“{value}” does not fit the field."),
        gettext_noop("Write it as the field's type asks, such as 2026-11-22 or 1200."),
    ),
    "own_unseen": (
        gettext_noop(
            "What these rows say of fields that you do not see with others' customers was left out. "
            "Rows: {rows} ({count} in all)."
        ),
        gettext_noop("Ask somebody who sees these fields to import it."),
    ),
    "key_hidden": (
        gettext_noop(
            "Customers can't be recognised by “{value}”, which you do not see with others' customers."
        ),
        gettext_noop("Choose another way to recognise customers."),
    ),
    "currency_assumed": (
        gettext_noop("The file names no currency: its amounts are taken as {value}."),
        gettext_noop(
            "If they are in another, change the columns and choose it there; what has been imported is undone first."
        ),
    ),
    "currency_of_company": (
        gettext_noop("The company's currency {value} is not one that amounts can be read in."),
        gettext_noop("Choose another currency in the settings, or for this import."),
    ),
    "unnumbered_rows": (
        gettext_noop(
            "Rows without an order number: {count}. Each customer's rows of one day were taken for one order."
        ),
        "",
    ),
    "names_for_numbers": (
        gettext_noop(
            "There is no column for the customer number, so customers are told apart by name. Found here by name: "
            "{known}; new, to be created: {created}; of several customers with one name: {several}."
        ),
        gettext_noop(
            "Choose the column if the file has one. Whoever is here under another name is created anew: compare first."
        ),
    ),
    "numbers_like_names": (
        gettext_noop("The column for the customer number seems to hold names: {value}."),
        gettext_noop("If so, change the columns and choose it as the customer name instead."),
    ),
    "customer_blank": (
        gettext_noop(
            "No customer is named in rows {rows} ({count} in all). They are kept as sales of nobody: they are on no "
            "customer's card and in no forecast."
        ),
        gettext_noop(
            "Fill in the customer in your file and import it again; the orders then go to that customer."
        ),
    ),
    "row_repeated": (
        gettext_noop(
            "Rows that say exactly the same as another row of their order: {count} (row {pairs}). Each of them counts."
        ),
        gettext_noop(
            "If a row stands there twice by mistake, delete it from your file and import that file instead."
        ),
    ),
    "rate_missing": (
        gettext_noop(
            "Orders in a currency without an exchange rate ({value}): {count}. They come in, but they are left out of "
            "figures, grades and forecasts in {company} until the rate is set."
        ),
        gettext_noop("Have the exchange rate set in the company's settings."),
    ),
    "name_cut": (
        gettext_noop("Names longer than 120 characters were cut. Rows: {rows} ({count} in all)."),
        gettext_noop("Shorten them in your file if the cut is in the wrong place."),
    ),
    "amount_is_total": (
        gettext_noop(
            "The amount is the order's total, repeated on each of its rows. It was shared out among them."
        ),
        "",
    ),
    "kind_unknown": (
        gettext_noop("“{value}” is not a kind of customer that is known."),
        gettext_noop("Write for example enterprise, individual or dealer, or leave this column out."),
    ),
    "stage_unknown": (
        gettext_noop(
            "Rows with a stage that is not known ({value}): {rows} ({count} in all). It was left as it is."
        ),
        "",
    ),
    "stage_wrong": (
        gettext_noop("“{value}” is not a stage that is known."),
        gettext_noop("Write for example potential customer, customer or lost."),
    ),
    "country_unknown": (
        gettext_noop(
            "Rows with a country that is not known ({value}): {rows} ({count} in all). It was left blank."
        ),
        "",
    ),
    "country_wrong": (
        gettext_noop("“{value}” is not a country that is known."),
        gettext_noop("Write its name or its two-letter code, such as CN."),
    ),
    "owner_unknown": (
        gettext_noop("Nobody here is called “{value}”."),
        gettext_noop("Write a colleague's name or user name, or add the colleague first."),
    ),
    "owner_of_several": (
        gettext_noop("Several colleagues are called “{value}”."),
        gettext_noop("Write the user name instead."),
    ),
    "owner_not_given": (
        gettext_noop("You may not give customers to “{value}”."),
        gettext_noop("Leave the owner blank, or ask somebody who may assign customers."),
    ),
    "team_unknown": (
        gettext_noop("There is no team “{value}” whose customers you look after."),
        gettext_noop("Write the team's name as it stands in the settings, or add the team first."),
    ),
    "alike_name": (
        gettext_noop(
            "Rows whose customer, but for the legal form of the name, is there already or further up in the file"
            " ({value}): {rows} ({count} in all)."
        ),
        gettext_noop(
            "They come in as new customers. Give a row the number of the customer that it means, or merge them afterwards."
        ),
    ),
    "shared_point": (
        gettext_noop(
            "Rows with a telephone number or an e-mail address that another customer has too: {count}."
        ),
        gettext_noop("Look at them afterwards; they may be the same customer twice."),
    ),
}
FIELDS: Final[Mapping[str, str]] = {
    "number": gettext_noop("customer number"),
    "name": gettext_noop("customer name"),
    "kind": gettext_noop("kind"),
    "phone": gettext_noop("phone"),
    "mobile": gettext_noop("mobile"),
    "email": gettext_noop("e-mail"),
    "wechat": gettext_noop("WeChat"),
    "address": gettext_noop("address"),
    "city": gettext_noop("city"),
    "province": gettext_noop("province"),
    "country": gettext_noop("country"),
    "source": gettext_noop("source"),
    "stage": gettext_noop("stage"),
    "owner": gettext_noop("owner"),
    "team": gettext_noop("team"),
    "contact_name": gettext_noop("contact person"),
    "title": gettext_noop("position"),
    "contact_name_2": gettext_noop("contact person 2"),
    "title_2": gettext_noop("position of contact person 2"),
    "contact_phone_2": gettext_noop("phone of contact person 2"),
    "contact_email_2": gettext_noop("e-mail of contact person 2"),
    "contact_name_3": gettext_noop("contact person 3"),
    "title_3": gettext_noop("position of contact person 3"),
    "contact_phone_3": gettext_noop("phone of contact person 3"),
    "contact_email_3": gettext_noop("e-mail of contact person 3"),
    "contact_name_4": gettext_noop("contact person 4"),
    "title_4": gettext_noop("position of contact person 4"),
    "contact_phone_4": gettext_noop("phone of contact person 4"),
    "contact_email_4": gettext_noop("e-mail of contact person 4"),
    "note": gettext_noop("note"),
    "scope": gettext_noop("scope"),
    "whatsapp": gettext_noop("WhatsApp"),
    "customer": gettext_noop("customer number"),
    "customer_name": gettext_noop("customer name"),
    "order_number": gettext_noop("order number"),
    "at": gettext_noop("order date"),
    "amount": gettext_noop("amount"),
    "currency": gettext_noop("currency"),
    "product_code": gettext_noop("product code"),
    "product_name": gettext_noop("product name"),
    "category": gettext_noop("product category"),
    "quantity": gettext_noop("quantity"),
    "unit_price": gettext_noop("unit price"),
    "cost": gettext_noop("cost"),
    "channel": gettext_noop("channel"),
    "status": gettext_noop("order state"),
    "reverses": gettext_noop("order that is taken back"),
}
