"""The office in which commands of Slack are typed."""

from tests.slack.conftest import office as office
