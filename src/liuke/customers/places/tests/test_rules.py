"""Addresses as people write them, cut into province, city and district."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.places.rules import GAPS, PROVINCES, Place, split_address


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("浙江省杭州市西湖区文三路 90 号", Place("浙江", "杭州市", "西湖区", "文三路 90 号")),
        ("浙江杭州市西湖区文三路90号", Place("浙江", "杭州市", "西湖区", "文三路90号")),
        ("浙江省义乌市稠州北路 8 号", Place("浙江", "义乌市", "", "稠州北路 8 号")),
        ("浙江省 金华市 义乌市 稠州北路", Place("浙江", "金华市", "义乌市", "稠州北路")),
        ("北京市海淀区中关村大街 1 号", Place("北京", "北京市", "海淀区", "中关村大街 1 号")),
        ("上海浦东新区世纪大道 100 号", Place("上海", "上海", "浦东新区", "世纪大道 100 号")),
        ("中国广东省深圳市南山区科技园", Place("广东", "深圳市", "南山区", "科技园")),
        ("廣東省廣州市天河區體育西路", Place("廣東", "廣州市", "天河區", "體育西路")),
        ("广西壮族自治区桂林市阳朔县西街", Place("广西", "桂林市", "阳朔县", "西街")),
        ("内蒙古自治区呼伦贝尔市鄂温克族自治旗", Place("内蒙古", "呼伦贝尔市", "鄂温克族自治旗", "")),
        ("四川省凉山彝族自治州西昌市", Place("四川", "凉山彝族自治州", "西昌市", "")),
        ("香港九龙尖沙咀", Place("香港", "香港", "", "九龙尖沙咀")),
        ("杭州市西湖区", Place("", "杭州市", "西湖区", "")),
        ("文三路 90 号小区 3 幢", Place(rest="文三路 90 号小区 3 幢")),
        ("12 High Street, Leeds", Place(rest="12 High Street, Leeds")),
        ("", Place()),
    ],
)
def test_ct01_an_address_is_cut_where_it_says_so(written: str, place: Place) -> None:
    assert split_address(written) == place


PARTS = st.sampled_from(
    [*PROVINCES, "省", "市", "区", "县", "杭州", "西湖", "路", "12", "号", " ", ",", "Leeds", "區"]
)


@given(st.lists(PARTS, max_size=12).map("".join) | st.text(max_size=60))
def test_whatever_is_written_no_street_is_lost(written: str) -> None:
    place = split_address(written)
    text = " ".join(written.split())
    assert text.endswith(place.rest)
    assert place.district in text
    assert all(one.strip(GAPS) == one for one in (place.province, place.city, place.district))
    if not place.province and not place.city:
        assert place.rest == text
