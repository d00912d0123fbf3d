"""Instants say their offset, and exist."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import date_time_stamp
from problems import MalformedValueError


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00+00:00"),
        ("2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00+00:00"),
        ("2026-11-21T09:00:00.5Z", "2026-11-21T09:00:00.500000+00:00"),
        ("2026-11-21T09:00:00.123456789Z", "2026-11-21T09:00:00.123456+00:00"),
        ("2026-11-20T19:00:00-14:00", "2026-11-21T09:00:00+00:00"),
    ],
)
def test_an_instant_is_read(text, instant):
    assert date_time_stamp.read(text, "at") == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T09:00:00",
        "2026-11-21",
        "2026-02-30T09:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z",
        "2026-11-21 09:00:00Z",
        "2026-11-21t09:00:00z",
        "2026-11-21T09:00:00+15:00",
        "2026-11-21T09:00:00+0100",
        "20261121T090000Z",
        "0000-01-01T00:00:00Z",
        "12026-11-21T09:00:00Z",
        "2026-11-21T09:00:00.Z",
        "２０２６-11-21T09:00:00Z",
        "2026-11-21T09:00:00Z\n",
        "",
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(MalformedValueError, match=r"shape\.date_time_expected"):
        date_time_stamp.read(text, "at")


@given(st.datetimes(dt.datetime(1000, 1, 1), timezones=st.timezones()))
def test_what_is_written_is_read_again_to_the_second(instant):
    assert date_time_stamp.read(date_time_stamp.write(instant), "at") == instant.astimezone(dt.UTC).replace(
        microsecond=0
    )
