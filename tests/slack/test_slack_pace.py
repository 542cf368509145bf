"""How fast Slack is called."""

import pytest

from bot.slack.pace import Later, Pace, Rate

RATE = Rate(interval=1.0, burst=3)


def test_a_burst_is_free_and_then_one_call_an_interval() -> None:
    pace = Pace(lambda: 100.0)
    assert [pace.reserve("post C0OPS", RATE) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]
    assert pace.reserve("post C0SITEA", RATE) == 0.0


def test_who_would_wait_too_long_is_told_when_and_reserves_nothing() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(5):
        pace.reserve("post", RATE)
    for _ in range(2):
        with pytest.raises(Later) as later:
            pace.reserve("post", RATE)
        assert later.value.seconds == 3.0
    now[0] = 10.0
    assert pace.reserve("post", RATE) == 0.0


def test_nothing_is_called_while_slack_said_to_wait() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.hold("post", RATE, 30.0)
    with pytest.raises(Later) as later:
        pace.reserve("post", RATE)
    assert later.value.seconds == 30.0
    now[0] = 30.0
    assert pace.reserve("post", RATE) == 0.0
