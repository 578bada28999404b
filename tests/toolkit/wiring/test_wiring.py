"""Every message that is read is sent, and whoever reads it takes all that may be sent."""

from pathlib import Path

import jsonschema
import pytest

from accord.compatibility import Mode
from accord.lint.settings import read_settings
from accord.model.bundles import bundle
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from accord.wiring import Wiring, wire
from tests.toolkit.wiring.project import lay_out

PLACE = "place: { type: string, maxLength: 20 }"
HEADERS = "properties:\n          event_type: { type: string, max"
ELSEWHERE = ("address: shop.things", "address: depot.things")
KEY = '      x-kafka-key: "{$message.payload#/data/thing_id}"\n'
SUMMARY = "      summary: A thing was moved.\n"
EDITS = {
    "a narrower payload": ("reader-refuses", [], [(PLACE, "place: { type: string, maxLength: 5 }")]),
    "a wider sender": ("reader-refuses", [(PLACE, "place: { type: [string, 'null'] }")], []),
    "a member that the reader needs": (
        "reader-refuses",
        [("required: [thing_id, place]", "required: [thing_id]")],
        [],
    ),
    "a header that the reader needs": (
        "reader-refuses",
        [],
        [(HEADERS, f"required: [event_type]\n        {HEADERS}")],
    ),
    "another key": (
        "key-disagrees",
        [],
        [("#/data/thing_id}", "#/data/place}")],
    ),
    "other partitions": ("topic-disagrees", [], [("partitions: 4", "partitions: 8")]),
    "another clean-up": ("topic-disagrees", [], [("[delete]", "[compact]")]),
    "no envelope": (
        "envelope-disagrees",
        [],
        [("correlation_id, data]", "correlation_id]"), (KEY, "")],
    ),
    "another correlation id": (
        "envelope-disagrees",
        [(SUMMARY, f"{SUMMARY}      correlationId: {{ location: $message.header#/event_type }}\n")],
        [(SUMMARY, f"{SUMMARY}      correlationId: {{ location: $message.payload#/correlation_id }}\n")],
    ),
    "an event that nobody sends": (
        "message-unsent",
        [],
        [("name: thing.moved", "name: thing.mooved"), ("const: thing.moved", "const: thing.mooved")],
    ),
    "a topic that nobody sends to": ("message-unsent", [], [ELSEWHERE]),
    "nobody who reads": ("message-unread", [], [ELSEWHERE]),
}


def wiring_of(folder: Path, mode: Mode = Mode.TOLERANT) -> Wiring:
    project = find_project(folder)
    return wire(read_contract(project), read_settings(project.root), mode)


def test_two_specs_that_say_the_same_fit_though_they_share_nothing(tmp_path: Path) -> None:
    wiring = wiring_of(lay_out(tmp_path))
    assert [(each.topic, each.event, each.verdict) for each in wiring.wires] == [
        ("shop.things", "thing.moved", "fits")
    ]
    assert wiring.findings == ()


@pytest.mark.parametrize("name", EDITS)
def test_what_does_not_fit_is_found_with_both_places(name: str, tmp_path: Path) -> None:
    rule, shop, depot = EDITS[name]
    wiring = wiring_of(lay_out(tmp_path, shop, depot))
    troubles = [trouble for trouble in wiring.troubles if trouble.finding.rule == rule]
    assert len(troubles) == 1
    expected = {rule} if not rule.startswith("message") else {"message-unsent", "message-unread"}
    assert {finding.rule for finding in wiring.findings} == expected
    (trouble,) = troubles
    side = "shop" if rule == "message-unread" else "depot"
    assert trouble.finding.location.path.endswith(f"{side}.yaml")
    if rule != "message-unread":
        assert trouble.other is not None
        assert trouble.other.path.endswith("shop.yaml")


@pytest.mark.parametrize("name", [name for name, (rule, _, _) in EDITS.items() if rule == "reader-refuses"])
def test_a_witness_is_sent_and_refused_by_another_validator_too(name: str, tmp_path: Path) -> None:
    _, shop, depot = EDITS[name]
    project = find_project(lay_out(tmp_path, shop, depot))
    contract = read_contract(project)
    wiring = wire(contract, read_settings(project.root))
    (trouble,) = wiring.troubles
    (witness,) = trouble.witness
    (found,) = wiring.wires
    assert found.sender is not None
    assert found.reader is not None
    ends = (found.sender.message, found.reader.message)
    what = "headers" if "headers of" in trouble.finding.sentence else "payload"
    written, read = (bundle({"$ref": getattr(message, what)}, contract.schemas) for message in ends)
    validators = [jsonschema.Draft202012Validator(schema) for schema in (written, read)]
    assert [validator.is_valid(witness) for validator in validators] == [True, False]


def test_an_event_that_is_misspelt_is_told_what_was_meant(tmp_path: Path) -> None:
    _, shop, depot = EDITS["an event that nobody sends"]
    sentences = [trouble.finding.sentence for trouble in wiring_of(lay_out(tmp_path, shop, depot)).troubles]
    assert any("shop sends thing.moved to shop.things: correct one of the two" in said for said in sentences)


def test_an_optional_member_more_hurts_in_strict_mode_only(tmp_path: Path) -> None:
    closed = (
        "      required: [thing_id, place]",
        "      additionalProperties: false\n      required: [thing_id, place]",
    )
    folder = lay_out(tmp_path, (), [closed])
    assert wiring_of(folder).findings == ()
    assert [finding.rule for finding in wiring_of(folder, Mode.STRICT).findings] == ["reader-refuses"]


def test_a_sender_that_names_no_headers_fits_a_reader_that_can_do_without(tmp_path: Path) -> None:
    headers = "      headers:\n        type: object\n        properties:\n"
    headers += "          event_type: { type: string, maxLength: 20 }\n"
    assert wiring_of(lay_out(tmp_path, [(headers, "")])).findings == ()


def test_one_name_in_two_channels_of_the_sender_is_still_that_name_to_the_reader(tmp_path: Path) -> None:
    bare = ("correlation_id, data]", "correlation_id]")
    second = """\
  copies:
    address: shop.copies
    messages:
      moved: { $ref: "#/components/messages/Moved" }
operations:
  copies:
    action: send
    channel: { $ref: "#/channels/copies" }
"""
    folder = lay_out(tmp_path, [bare, (KEY, ""), ("operations:\n", second)], [bare, (KEY, "")])
    found = {(each.topic, each.verdict) for each in wiring_of(folder).wires}
    assert found == {("shop.things", "fits"), ("shop.copies", "nobody reads it")}


def test_a_topic_with_a_parameter_carries_what_is_read_from_one_of_its_topics(tmp_path: Path) -> None:
    region = "    parameters: { region: { location: '$message.payload#/data/place' } }\n    bindings:"
    folder = lay_out(
        tmp_path,
        [("address: shop.things", "address: shop.things.{region}"), ("    bindings:", region)],
        [("address: shop.things", "address: shop.things.north")],
    )
    assert [each.verdict for each in wiring_of(folder).wires] == ["fits"]


def test_a_sender_outside_the_project_is_passed_over_with_a_reason(tmp_path: Path) -> None:
    _, shop, depot = EDITS["a topic that nobody sends to"]
    ignores = """
[[tool.accord.lint.ignores]]
rule = "message-unsent"
at = "depot/thing.*"
reason = "The harbour sends it."
[[tool.accord.lint.ignores]]
rule = "message-unread"
at = "harbour/*"
reason = "There is none."
"""
    wiring = wiring_of(lay_out(tmp_path, shop, depot, ignores))
    assert [finding.rule for finding in wiring.findings] == ["ignore-unused", "message-unread"]


def test_schemas_that_cannot_be_decided_are_never_said_to_fit(tmp_path: Path) -> None:
    backwards = r"place: { type: string, maxLength: 20, pattern: '^(?!a)[a-z]{1,20}$' }"
    wiring = wiring_of(
        lay_out(tmp_path, [(PLACE, backwards)], [(PLACE, backwards.replace("(?!a)", "(?!b)"))])
    )
    (found,) = wiring.wires
    assert found.verdict in ("unproven", "does not fit")
    assert [finding.rule for finding in wiring.findings] in (["reader-unproven"], ["reader-refuses"])
