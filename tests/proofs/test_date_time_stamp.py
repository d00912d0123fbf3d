"""XSD dateTimeStamp: a time says its offset, or it is none."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.date_time_stamp import parse


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-02-24T23:36:38Z", dt.datetime(2023, 2, 24, 23, 36, 38, tzinfo=dt.UTC)),
        ("2023-02-25T01:36:38+02:00", dt.datetime(2023, 2, 24, 23, 36, 38, tzinfo=dt.UTC)),
        ("2023-02-24T23:36:38.5Z", dt.datetime(2023, 2, 24, 23, 36, 38, 500_000, tzinfo=dt.UTC)),
        ("2023-02-24T23:36:38.123456789Z", dt.datetime(2023, 2, 24, 23, 36, 38, 123_456, tzinfo=dt.UTC)),
        ("2023-02-24T23:36:38-00:00", dt.datetime(2023, 2, 24, 23, 36, 38, tzinfo=dt.UTC)),
        ("2023-02-25T13:36:38+14:00", dt.datetime(2023, 2, 24, 23, 36, 38, tzinfo=dt.UTC)),
    ],
)
def test_instants(text: str, instant: dt.datetime) -> None:
    assert parse(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-02-24",
        "2023-02-24T23:36:38",
        "2023-02-24 23:36:38Z",
        "2023-02-24T23:36Z",
        "2023-02-30T00:00:00Z",
        "2023-02-24T23:36:60Z",
        "2023-02-24T24:00:00Z",
        "2023-02-24T23:36:38z",
        "2023-02-24T23:36:38+0200",
        "2023-02-24T23:36:38+15:00",
        "2023-02-24T23:36:38+14:01",
        "2023-02-24T23:36:38Z\n",
        " 2023-02-24T23:36:38Z",
        "٢٠٢٣-02-24T23:36:38Z",
        "0000-01-01T00:00:00Z",
        "12023-02-24T23:36:38Z",
        "2023-W08-5T23:36:38Z",
        "20230224T233638Z",
        "2023-02-24T23:36:38.Z",
        "2023-02-24T23:36:38." + "1" * 1000 + "Z",
    ],
)
def test_what_is_no_date_time_stamp(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of fromisoformat or ours
        parse(text)


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_every_time_that_is_written_is_read(instant: dt.datetime) -> None:
    assert parse(instant.isoformat()) == instant


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse(text).tzinfo is not None
