"""Counts test cases from Bazel's build event files, and shows the failing ones.

Called by dev/test after each bazel test: `count_tests.py NAME EVENTS.json` prints each failing target with its failing
cases and the end of its log, then, last, `NAME: N passed, N failed, N skipped`. A GoogleTest, bats or pytest case counts as one test; a
target without cases of its own (a script, a program that died before it wrote its results) counts as one.
"""

import json
import os
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

LOG_LINES = 80


def path_of(uri):
    return urllib.parse.unquote(urllib.parse.urlparse(uri).path)


def read_events(path):
    """Last result of each (label, shard, run); the tests that could not be built; what failed actions said."""
    results, kinds, unbuilt, said = {}, {}, set(), []
    with open(path, encoding="utf-8") as events:
        for line in events:
            event = json.loads(line)
            ident = event.get("id", {})
            if "testResult" in ident and "testResult" in event:
                which = ident["testResult"]
                results[(which["label"], which.get("shard", 1), which.get("run", 1))] = event["testResult"]
            elif "targetConfigured" in ident:
                kinds[ident["targetConfigured"]["label"]] = event.get("configured", {}).get("targetKind", "")
            elif "targetCompleted" in ident and not event.get("completed", {}).get("success"):
                unbuilt.add(ident["targetCompleted"]["label"])
            elif "actionCompleted" in ident and not event.get("action", {}).get("success"):
                action = event.get("action", {})
                said.append((action.get("label", "?"), path_of(action.get("stderr", {}).get("uri", ""))))
    tests = {label for label in unbuilt if "_test" in kinds.get(label, "_test")}
    return results, tests - {label for label, _, _ in results}, said


def count_cases(xml_path):
    """(passed, failed names, skipped) of one test.xml, or None when it tells of no cases."""
    try:
        root = ElementTree.parse(xml_path).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    passed, failed, skipped = 0, [], 0
    for case in root.iter("testcase"):
        name = "{}.{}".format(case.get("classname", ""), case.get("name", "")).lstrip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
            skipped += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def tap_counts(log_path):
    """(passed, failed names, skipped) of a log in TAP (bats prints it), or None."""
    try:
        with open(log_path, encoding="utf-8", errors="replace") as log:
            lines = re.findall(r"^(not ok|ok) \d+ (.*)$", log.read(), re.MULTILINE)
    except OSError:
        return None
    if not lines:
        return None
    failed = [name for verdict, name in lines if verdict == "not ok"]
    skipped = sum(1 for verdict, name in lines if verdict == "ok" and re.search(r"# skip", name, re.IGNORECASE))
    return len(lines) - len(failed) - skipped, failed, skipped


def outputs_of(result):
    return {output["name"]: path_of(output.get("uri", "")) for output in result.get("testActionOutput", [])}


def show_tail(path):
    if path and os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines()
        print("  the last {} lines of {}:".format(min(LOG_LINES, len(lines)), path))
        for line in lines[-LOG_LINES:]:
            print("  | " + line)


def count(results, unbuilt, said):
    passed = failed = skipped = 0
    for (label, _, _), result in sorted(results.items()):
        outputs = outputs_of(result)
        cases = tap_counts(outputs.get("test.log", "")) or count_cases(outputs.get("test.xml", ""))
        good = result.get("status") in ("PASSED", "FLAKY")
        if cases is None or sum((cases[0], len(cases[1]), cases[2])) == 0:
            cases = (1 if good else 0, [] if good else [label], 0)
        elif not good and not cases[1]:
            cases = (cases[0], [label], cases[2])  # died after its last case, or ran out of time
        passed, failed, skipped = passed + cases[0], failed + len(cases[1]), skipped + cases[2]
        if not good:
            print("FAILED {} ({})".format(label, result.get("status", "?")))
            for name in cases[1]:
                print("  case " + name)
            show_tail(outputs.get("test.log"))
    for label, words in said:
        print("FAILED to build " + label)
        show_tail(words)
    for label in sorted(unbuilt):
        print("FAILED {} (was not built, so not run)".format(label))
    return passed, failed + len(unbuilt), skipped


def main(arguments):
    name, events = arguments
    try:
        found = read_events(events)
    except OSError:
        found = {}, {"bazel itself"}, []
    print("{}: {} passed, {} failed, {} skipped".format(name, *count(*found)))


if __name__ == "__main__":
    main(sys.argv[1:])
