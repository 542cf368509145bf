"""The worker's own try at each receiver's CPQ port: evidence beside the appliances' words, never a finding."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.asyncos.commands.showconfig import showconfig
from bot.diagnosis.asking import Asking
from bot.facts.attempt import attempt
from bot.facts.log import DEFAULT_PORT
from bot.knowledge.knowledge import Knowledge
from bot.model.errors import ProbeError
from bot.model.finding import Evidence, Finding, Outcome, Reply
from bot.model.subject import Node, Path, Subject

Tries = Mapping[Node, Evidence]


async def try_receivers(asking: Asking, subjects: Sequence[Subject]) -> Tries:
    """What every receiver of a CPQ path answered; whoever did not answer, or rejected the worker, is left out."""
    paths = [path for path in subjects if isinstance(path, Path) and path.kind != "command"]
    expected = {path.receiver: path.cpq_port for path in paths}
    found = await asyncio.gather(*(_try(asking, node, port) for node, port in expected.items()))
    return {node: evidence for node, evidence in zip(expected, found, strict=True) if evidence}


async def _try(asking: Asking, node: Node, expected: int | None) -> Evidence | None:
    configuration = await attempt(asking.ask(node.name, showconfig()))
    listener = configuration.value.cpq_listener if isinstance(configuration, Reply) else None
    port = (listener.port if listener else None) or expected or DEFAULT_PORT
    try:
        return (await asking.try_cpq(node.name, port)).quote()
    except ProbeError:
        return None


def add_tries(outcomes: Sequence[Outcome], tries: Tries, knowledge: Knowledge) -> list[Outcome]:
    """The outcomes, with the worker's evidence at the findings about a receiver that answered it."""
    return [
        replace(outcome, findings=tuple(_add(finding, tries, knowledge) for finding in outcome.findings))
        for outcome in outcomes
    ]


def _add(finding: Finding, tries: Tries, knowledge: Knowledge) -> Finding:
    subject = finding.subject
    receiver = subject.receiver if isinstance(subject, Path) else subject
    evidence = tries.get(receiver) if knowledge.entry(finding.id).tried else None
    return replace(finding, evidence=(*finding.evidence, evidence)) if evidence else finding
