"""Every sentence that the app itself says in Slack; what the report says comes from knowledge.

Those about a run stand here, those about sites over time in `texts_sites`, those about fixes in `texts_fixes`, and in
Spanish in `texts_es`, `texts_sites_es` and `texts_fixes_es`; tests compare the tables.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.slack.texts_es import SPANISH
from bot.slack.texts_fixes import FIXES
from bot.slack.texts_fixes_es import FIXES_ES
from bot.slack.texts_sites import SITES
from bot.slack.texts_sites_es import SITES_ES

ENGLISH: dict[str, str] = {
    # commands
    "help": (
        "`/pvo` finds out why mail is stuck between ESAs and their central quarantine, and says what to do.\n"
        "• `/pvo check SITE` asks both ends of a site, for example `/pvo check site-a`\n"
        "• `/pvo check SITE AREA…` looks at some areas only: {areas}\n"
        "• `/pvo status` or `/pvo status SITE` tells the last verdicts without asking anything\n"
        "• `/pvo history SITE` shows how a site was over time\n"
        "• `/pvo pending` lists the fixes that wait for approval or for proof\n"
        "• `/pvo watch SITE on` or `/pvo watch SITE off` checks it on schedule and tells what changes\n"
        "• `/pvo mute SITE DURATION REASON` keeps its watch quiet, for example `/pvo mute site-a 2h upgrade`\n"
        "• `/pvo explain FINDING` tells what a finding means and every fix\n"
        "• `/pvo sites` lists the sites, `/pvo health` tells how the bot itself is\n"
        "• `/pvo help` shows this"
    ),
    "command.unknown": "There is no `/pvo {word}`.{nearest} `/pvo help` lists what there is.",
    "command.extra": "`/pvo {command}` takes nothing after it; `/pvo help` shows how it is written.",
    "command.site-missing": "Which site? Write `/pvo check SITE`; `/pvo sites` lists them.",
    "area.unknown": "There is no area `{word}`.{nearest} The areas are {areas}.",
    "command.foreign": "This bot answers `/pvo` only, not `{command}`.",
    "site.unknown": "There is no site `{word}`.{nearest} `/pvo sites` lists them.",
    "nearest": " Did you mean {words}?",
    "nearest.or": " or ",
    "sites": "These sites can be checked with `/pvo check SITE`:\n{lines}",
    "sites.line": "• `{name}` – {title}: {sma} and {esas}",
    "asked": "`{command}` – received, for *{title}*.",
    "asked.joined": "*{title}* is being checked already: {link}.",
    "asked.joined.unposted": "*{title}* is being checked already; its card is about to appear in this channel.",
    "link": "<{url}|see its card>",
    "store.down": (
        "The bot cannot reach its job store (Redis), so it cannot promise anything: "
        "if no card appears within half a minute, run `{command}` again."
    ),
    "store.away": (
        "The bot cannot reach its job store (Redis), so nothing was done. Try again in a moment, and tell the "
        "bot's administrator if it lasts."
    ),
    "failed": (
        "Something went wrong in the bot itself while it handled this; its log says what. "
        "Run `/pvo check SITE` again, and tell the bot's administrator if it happens twice."
    ),
    # refusals
    "refused.unlisted": (
        "You may not use this bot: your Slack id {user} is not among the operators in its inventory "
        "([access] operators in sites.toml). Ask the bot's administrator."
    ),
    "refused.team": "Only members of the workspace that installed this bot may use it.",
    "refused.bot": "Bots may not use this bot.",
    "refused.deleted": "This account is deactivated, so it may not use this bot.",
    "refused.guest": "Guests may not use this bot, even when its inventory lists them.",
    "refused.shared": (
        "This channel is shared with another organisation, so nothing is run or shown here. "
        "Ask again in a channel of your own workspace."
    ),
    "refused.absent": "The bot is not in this channel, so nothing was run. Invite it first: `/invite <@{bot}>`",
    "refused.archived": "This channel is archived, so nothing was run.",
    "refused.scope": (
        "The bot may not ask Slack for {method} (scope {scope} is missing), so nothing was run. "
        "Its administrator has to add the scope and install the app again."
    ),
    "refused.lookup": "Slack did not answer {method} ({error}), so nothing was run. Try again in a moment.",
    # the card
    "verdict.healthy": "healthy",
    "verdict.degraded": "degraded",
    "verdict.broken": "broken",
    "verdict.unknown": "unknown",
    "card.header": "{emoji} {title}: {state}",
    "card.text": "{title}: {state}",
    "card.text.causes": "{title}: {state} – {causes}",
    "card.queued": "queued",
    "card.queued.body": "Waiting for a worker.",
    "card.running": "running",
    "card.running.counted": "running {done}/{total}",
    "card.running.body": "Asking both ends of the site.",
    "card.lost": "not finished",
    "card.lost.body": "{reason} Nothing can be said about the site; check it again.",
    "card.lost.unexplained": "No worker could finish this run.",
    "card.refused": "not run",
    "card.healthy.body": "Nothing wrong: {checks} passed.",
    "card.healthy.notes": "Nothing wrong: {checks} passed. The thread has {findings} to know about.",
    "card.explained.body": "Something is wrong, and its cause is known and accepted; the thread says what.",
    "card.unknown.body": "It could not be told whether mail gets through.",
    "card.cause.one": "The cause",
    "card.cause.many": "The {count} causes",
    "card.cause.more": "and {count} more, see the thread",
    "card.explains": "The thread has the evidence, what to do, and {findings}.",
    "card.thread": "The thread has the evidence and what to do.",
    "card.on": " on {subject}",
    "card.open": "Could not tell: {checks}. The thread says why.",
    "card.oldest": "oldest message {age}",
    "card.bounces": "mail bounces from {time} UTC",
    "card.asked-by": "asked by <@{user}>",
    "card.scheduled": "scheduled check",
    "card.over": "It was {state} from {since} to {until} UTC.",
    "card.since": "Not healthy since {since} UTC, last checked {at} UTC.",
    "card.also": "Also in this channel:\n{lines}",
    "card.areas": "only {areas}",
    "card.repeats": "<{url}|checked before>",
    "card.took": "took {seconds} s",
    "card.again": "Check again",
    "card.details": "Details",
    "card.again.label": "Check again: {title}",
    "card.details.label": "Details: every finding of {title} with evidence and steps",
    "card.share": "Share",
    "card.share.label": "Share the verdict of {title} in another channel",
    "path.quarantine": "Quarantine, ESA → SMA",
    "path.release": "Release, SMA → ESA",
    "path.command": "Commands, SMA → ESA",
    "path.ok": "ok",
    "path.failed": "failed",
    "path.unknown": "unknown",
    "path.line": "{emoji} {sender} → {receiver} {status}",
    "path.all-ok": "{emoji} all {count} ok",
    "path.others-ok": "{emoji} the other {count} ok",
    "path.more": "… and {count} more",
    # the thread
    "area.connectivity": "Connectivity",
    "area.setup": "Setup",
    "area.tls": "TLS",
    "area.queue": "Queues",
    "area.log": "Mail logs",
    "thread.text": "{area}: {findings}",
    "thread.cause": "Cause",
    "thread.consequence": "Consequence",
    "thread.note": "To know",
    "thread.critical": "critical",
    "thread.warning": "warning",
    "thread.info": "information",
    "thread.planned": "in a maintenance window",
    "thread.accepted": "known and accepted",
    "thread.explained": "explained by ",
    "thread.evidence": "Seen on {appliance}, {command}, {time} UTC",
    "thread.fix": "What to do: {title}",
    "thread.commands": "Commands",
    "thread.undo": "To undo it",
    "thread.effect": "Effect: {effect}",
    "thread.risk": "Risk: {risk}",
    "thread.risk.low": "low",
    "thread.risk.medium": "medium",
    "thread.risk.high": "high",
    "thread.source": "Source: {source}",
    "thread.enter": "(Enter)",
    "thread.open": "{check} on {subject} could not tell: {reason}",
    "thread.open.unexplained": "no reason was given",
    "thread.more": "… and {count} more; the report file below has them all.",
    "thread.cut": "… cut; the report file has it all",
    "file.picture": "Paths of {title}, run {run}",
    "file.title": "Full report of {title}, run {run}",
    # counted things
    "count.check.one": "{count} check",
    "count.check.many": "{count} checks",
    "count.finding.one": "{count} finding",
    "count.finding.many": "{count} findings",
    "count.consequence.one": "{count} consequence",
    "count.consequence.many": "{count} consequences",
    "count.open.one": "{count} check could not tell",
    "count.open.many": "{count} checks could not tell",
    "count.waiting.one": "{count} recipient waits",
    "count.waiting.many": "{count} recipients wait",
    # the modal and old buttons
    "details.title": "Details",
    "details.close": "Close",
    "details.loading": ":hourglass_flowing_sand: Reading the report of this run…",
    "details.unfinished": "This run has no report yet; open the details again when the card shows a verdict.",
    "details.gone": "The report of this run is no longer kept. Check the site again for a new one.",
    "details.none": "No finding: everything that was asked is as it should be.",
    "details.more": "… and {count} more; the report file in the thread has them all.",
    "details.store": "The bot cannot reach its job store (Redis). Close this and press Details again in a moment.",
    "details.late": "Slack gave the bot too little time to open the window. Press Details again.",
    "button.gone": "This run is no longer kept. Run `/pvo check SITE` again.",
    "button.old": "This button comes from an older message. Run `/pvo check SITE` again.",
}

EMOJI = {
    "healthy": ":large_green_circle:",
    "degraded": ":large_yellow_circle:",
    "broken": ":red_circle:",
    "unknown": ":white_circle:",
    "queued": ":hourglass_flowing_sand:",
    "running": ":mag:",
    "lost": ":warning:",
    "refused": ":warning:",
    "ok": ":white_check_mark:",
    "failed": ":x:",
    "open": ":grey_question:",
    "requested": ":raised_hand:",
    "rejected": ":no_entry:",
}


SENTENCES: dict[str, dict[str, str]] = {
    "en": ENGLISH | SITES | FIXES,
    "es": SPANISH | SITES_ES | FIXES_ES,
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says the sentences of one language; KeyError for a language that has none."""

    language: str

    def say(self, key: str, /, **values: Any) -> str:
        """The sentence `key` with its placeholders filled; KeyError for a sentence that does not exist."""
        return SENTENCES[self.language][key].format(**values)

    def count(self, thing: str, number: int) -> str:
        """ "1 check", "2 checks": a number with its noun."""
        return self.say(f"count.{thing}.{'one' if number == 1 else 'many'}", count=number)


Told = Callable[[Voice], str]
"""Something to say, in whatever language its hearer turns out to speak."""


def tell(key: str, /, **values: Any) -> Told:
    """The sentence `key`, still without a language."""
    return lambda voice: voice.say(key, **values)


DEFAULT = Voice("en")
