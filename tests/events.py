#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds events against the schema, and against each other.

    events.py SCHEMA <EVENTS    says what is wrong and exits with 1; silent when nothing is

Each line is one event in itself. Those of a run tell one story: it begins with run-start and ends
with run-end, its numbers are those of the events between them, and each job ends once.
"""
import base64
import collections
import json
import sys

import jsonschema


def fail(number, what):
    sys.exit(f"line {number}: {what}")


def check_bytes(number, text, encoded):
    """base64 is there when text is not all there is."""
    if base64.b64decode(encoded, validate=True).decode("utf-8", "replace") != text:
        fail(number, "base64 is not the text")


def check_stream(number, stream):
    if stream is None:
        return
    kept = stream["text"].encode()
    if "base64" in stream:
        kept = base64.b64decode(stream["base64"], validate=True)
        if not stream["omitted"]:
            check_bytes(number, stream["text"], stream["base64"])
        elif "�" not in stream["text"]:
            fail(number, "base64 without need")
    if len(kept) + stream["omitted"] != stream["bytes"] and not stream["incomplete"]:
        fail(number, f"{len(kept)} + {stream['omitted']} bytes are not {stream['bytes']}")
    if ("gap" in stream) != (stream["omitted"] > 0) or stream.get("gap", 0) > len(kept):
        fail(number, "the gap is wrong")


def check_story(events):
    kinds = collections.Counter(event["event"] for event in events)
    if events[0]["event"] != "run-start" or events[-1]["event"] != "run-end":
        fail(len(events), "it does not begin with run-start and end with run-end")
    if kinds["run-start"] != 1 or kinds["run-end"] != 1:
        fail(len(events), "two runs")
    if len({event["run"] for event in events}) != 1:
        fail(len(events), "two names of the run")
    end = events[-1]
    ended = collections.Counter(e["verdict"] for e in events if e["event"] == "job-end")
    skipped = [e for e in events if e["event"] == "skipped"]
    never = [e for e in skipped if e["reason"] in ("halt", "drain", "cancel")]
    names = [e["seq"] for e in events if e["event"] in ("job-end", "skipped")]
    if len(names) != len(set(names)):
        fail(len(events), "a job ended twice")
    if any(ended[verdict] != n for verdict, n in end["verdicts"].items()):
        fail(len(events), f"verdicts: {dict(ended)}")
    if end["done"] != kinds["job-end"] or end["skipped"] != len(skipped) - len(never):
        fail(len(events), "done or skipped")
    if end["not_started"] != len(never):
        fail(len(events), "not_started")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validators = {
        kind["$ref"].rpartition("/")[2]: jsonschema.Draft202012Validator(
            {**schema, "oneOf": [kind]})
        for kind in schema["oneOf"]
    }
    events = []
    for number, line in enumerate(sys.stdin.buffer, 1):
        event = json.loads(line.decode("utf-8"))
        if len(line.decode("utf-8").splitlines()) != 1 or not line.endswith(b"\n"):
            fail(number, "not one line")
        if event.get("event") not in validators:
            fail(number, f"what is {event.get('event')}?")
        for error in validators[event["event"]].iter_errors(event):
            # Of oneOf with one branch, what is wrong in that branch.
            inner = error.context[0] if error.context else error
            fail(number, f"{inner.json_path}: {inner.message[:200]}")
        for key, value in event.items():
            if key.endswith("_base64") and isinstance(value, str):
                check_bytes(number, event[key[:-7]], value)
        for text, encoded in zip(event.get("args", []), event.get("args_base64", [])):
            check_bytes(number, text, encoded)
        check_stream(number, event.get("stdout"))
        check_stream(number, event.get("stderr"))
        events.append(event)
    if not events:
        fail(0, "no events")
    check_story(events)


main()
