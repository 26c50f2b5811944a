from __future__ import annotations

import pytest

from parley.mail.addresses import domain_of, extract_email_address, parse_addresses, same_address
from parley.mail.email import Address


@pytest.mark.parametrize(
    ("header", "bare"),
    [
        ("rep@brand.com", "rep@brand.com"),
        ("  <rep@brand.com> ", "rep@brand.com"),
        ("Brand Rep <rep@brand.com>", "rep@brand.com"),
        ('"Rep, Brand" <Rep@Brand.COM>', "Rep@brand.com"),
        ("rep@brand.com (Brand Rep)", "rep@brand.com"),
        ("Pete(A nice \\) chap) <pete(home)@silly.test(host)>", "pete@silly.test"),
        ("=?utf-8?Q?Br=C3=A4nd?= <rep@brand.com>", "rep@brand.com"),
        ("=?utf-8?Q?evil=40x.com=2C?= <rep@brand.com>", "rep@brand.com"),
        ('"o\'hara"@brand.com', '"o\'hara"@brand.com'),
        ("first.last+tag@sub.brand.co.uk", "first.last+tag@sub.brand.co.uk"),
        ("dots..dots.@docomo.example", "dots..dots.@docomo.example"),
        ("Müller <m@bücher.example>", "m@xn--bcher-kva.example"),
        ("<@relay.example,@b:rep@brand.com>", "rep@brand.com"),
        ("rep@[192.0.2.1]", "rep@[192.0.2.1]"),
        ("Rep <rep@brand.com>, rep@BRAND.com", "rep@brand.com"),
        ("Group: rep@brand.com;", "rep@brand.com"),
    ],
)
def test_the_bare_address_is_found(header: str, bare: str) -> None:
    assert extract_email_address(header) == bare


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<>",
        "no address",
        "undisclosed-recipients:;",
        "a@x.com, b@y.com",
        "rep@brand.com other@brand.com",
        "a b@brand.com",
        "rep@",
        "@brand.com",
        "rep@bra nd.com",
        "rep@-brand.com",
        "rep@brand..com",
        "<a@x.com> <b@y.com>",
        "<a@x.com> b@y.com",
        '"unclosed <rep@brand.com>',
        "(unclosed <rep@brand.com>",
        "<rep@brand.com",
        "rep@brand\u3002com",
        "rep@brand.com\r\nBcc: x@y.com",
        "a@b@c",
    ],
)
def test_nothing_or_two_is_none(header: str) -> None:
    assert extract_email_address(header) is None


@pytest.mark.parametrize("mark", ["", " ", "(", ")", "<", ">", "@", ",", ";", ":", ".", '"', "[", "]", "\\"])
@pytest.mark.parametrize("space", ["", " "])
def test_a_name_that_looks_like_an_address_is_never_the_sender(mark: str, space: str) -> None:
    for header in (
        f"alice@gov.example{mark}{space}<bob@evil.example>",
        f"alice@gov.example{mark}{space}bob@evil.example",
    ):
        assert extract_email_address(header) in (None, "bob@evil.example")


def test_a_misleading_name_is_dropped_with_its_address_kept() -> None:
    assert parse_addresses(["alice@gov <bob@evil.example>"]) == (Address("", "bob@evil.example"),)
    assert (
        parse_addresses(['"Alice via list@x.example" <bob@evil.example>'])[0].name
        == "Alice via list@x.example"
    )


def test_groups_lists_and_several_headers_are_read_in_order() -> None:
    found = parse_addresses(
        [
            "Team: Ann <ann@x.example>, bob@x.example;, Cy <cy@x.example>",
            "Doe, Jo <jo@x.example>; ann@X.example",
        ]
    )
    assert found == (
        Address("Ann", "ann@x.example"),
        Address("", "bob@x.example"),
        Address("Cy", "cy@x.example"),
        Address("Doe, Jo", "jo@x.example"),
    )


def test_names_are_decoded_after_the_structure_is_read() -> None:
    (only,) = parse_addresses(["=?utf-8?Q?a=40b=2Ec=2C_=3Cd=40e=2Ef=3E?= <rep@brand.com>"])
    assert only.address == "rep@brand.com"
    assert parse_addresses(['"=?utf-8?B?w4RkYQ==?=" <a@x.example>'])[0].name == "Äda"


def test_a_bad_entry_costs_only_itself() -> None:
    assert [a.address for a in parse_addresses(["broken@, fine@x.example, also broken <>"])] == [
        "fine@x.example"
    ]


def test_a_line_break_without_folding_is_an_injection() -> None:
    assert parse_addresses(["a@x.example,\r\nb@y.example"]) == ()
    assert len(parse_addresses(["a@x.example,\r\n b@y.example"])) == 2


def test_a_group_named_like_an_address_gives_its_first_member_no_credit() -> None:
    assert extract_email_address("alice@gov.example: bob@evil.example;") is None


def test_same_address_ignores_case_and_domain_form() -> None:
    assert same_address("Ann@X.example", "ann@x.EXAMPLE")
    assert same_address("a@bücher.example", "a@XN--bcher-kva.example")
    assert not same_address("ann@x.example", "ann@y.example")
    assert not same_address("", "")


def test_domain_of_is_ascii_and_lower_case() -> None:
    assert domain_of("a@BÜCHER.example") == "xn--bcher-kva.example"
    assert domain_of("nothing") == ""


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_crowd_is_bounded(size: int) -> None:
    assert len(parse_addresses([", ".join(f"u{n}@x.example" for n in range(size))])) <= 2_000
