"""All wires of a project, each judged and weighed by the settings."""

from collections.abc import Iterator

from accord.compatibility import Mode
from accord.findings import Finding, Location
from accord.lint.remarks import Remark
from accord.lint.settings import LintSettings
from accord.lint.weighing import weigh
from accord.model.contract import Contract
from accord.rules import all_rules
from accord.wiring.agreement import Agreement, Disagreement
from accord.wiring.matching import near, partners, readers, senders
from accord.wiring.wires import End, Trouble, Wire, Wiring

__all__ = ["wire"]


def wire(contract: Contract, settings: LintSettings, mode: Mode = Mode.TOLERANT) -> Wiring:
    """Match what is sent with what is received, and judge each pair.

    A topic whose whole address is known at run time only is left out: nobody can say who is at its other end.
    """
    sent = [end for end in senders(contract) if not end.message.topic.unknown]
    read = [end for end in readers(contract) if not end.message.topic.unknown]
    agreement = Agreement(contract.schemas, mode)
    wires: list[tuple[Wire, list[Disagreement]]] = []
    heard: set[int] = set()
    for reader in read:
        matching = partners(reader, sent)
        heard |= {id(sender) for sender in matching}
        for sender in matching:
            wires.append((Wire(sender, reader), list(agreement.disagreements(sender, reader))))
        if not matching:
            wires.append((Wire(None, reader), list(_unsent(reader, near(reader, sent)))))
    for sender in sent:
        if id(sender) not in heard:
            wires.append((Wire(sender, None), [_unread(sender)]))
    wires.sort(key=lambda pair: _order(pair[0]))
    rules = all_rules()
    weighed = weigh(
        [found.remark for _, disagreements in wires for found in disagreements],
        settings,
        lambda rule: rules[rule].topic in ("wiring", "lint-settings"),
    )
    kept = {(finding.location, finding.rule, finding.sentence): finding for finding in weighed}
    rest = tuple(finding for finding in weighed if rules[finding.rule].topic != "wiring")
    services = tuple(dict.fromkeys(end.service for end in (*sent, *read)))
    return Wiring(services, tuple(_judged(each, found, kept) for each, found in wires), rest)


def _unsent(reader: End, meant: End | None) -> Iterator[Disagreement]:
    message = reader.message
    sentence = f"nobody sends {message.event_type} to {message.topic.name}, and {reader.service} waits for it"
    other = message.location
    if meant is not None:
        told = f"{meant.message.event_type} to {meant.message.topic.name}"
        sentence += f"; {meant.service} sends {told}: correct one of the two"
        other = meant.message.location
    else:
        sentence += "; correct the name, or ignore this if the sender is outside this project"
    at = f"{reader.service}/{message.event_type}"
    yield Disagreement(Remark(message.location, "message-unsent", sentence, at), other)


def _unread(sender: End) -> Disagreement:
    message = sender.message
    sentence = f"nobody in this project reads {message.event_type}, which {sender.service} sends"
    at = f"{sender.service}/{message.event_type}"
    return Disagreement(Remark(message.location, "message-unread", sentence, at), message.location)


def _judged(
    found: Wire, disagreements: list[Disagreement], kept: dict[tuple[Location, str, str], Finding]
) -> Wire:
    troubles = []
    for each in disagreements:
        remark = each.remark
        finding = kept.get((remark.location, remark.rule, remark.sentence))
        if finding is not None:
            other = each.other if each.other != remark.location else None
            troubles.append(Trouble(finding, other, each.witness, each.refusal))
    return Wire(found.sender, found.reader, tuple(troubles))


def _order(found: Wire) -> tuple[str, str, str, str]:
    return (
        found.topic,
        found.event,
        found.sender.service if found.sender else "",
        found.reader.service if found.reader else "",
    )
