"""What the mutation gate takes for a catch, and what not: of outputs as the witnesses print them. Run by gate_test.sh."""

import pathlib
import sys
import tempfile
import unittest

import mutant
import verdict

CASE = mutant.Witness("test", "//a:b_test", "S.T")
TSAN = mutant.Witness("tsan", "//a:b_test", "S.T")
SIMULATE = mutant.Witness("simulate", mutant.SIMULATE, "10")

FAILED = """[ RUN      ] S.T
a/b_test.cc:12: Failure
Value of: lane.Ack(1)
  Actual: true
Expected: false
a/b_test.cc:15: Failure
Expected equality of these values:
  head
    Which is: 1
  0u
[  FAILED  ] S.T (0 ms)
[  PASSED  ] 0 tests.
"""
PASSED = "[ RUN      ] S.T\n[       OK ] S.T (0 ms)\n[  PASSED  ] 1 test.\n"
RACE = """==================
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 8 at 0x1 by main thread:
    #0 l3link::LaneProducer::WriteDescriptor(unsigned long) backends/host/lane_producer.cc:50 (b+0x1)
SUMMARY: ThreadSanitizer: data race /x/y/backends/host/lane_producer.cc:50 in l3link::LaneProducer::WriteDescriptor
==================
"""


def seen(output, status, witness=CASE, seconds=10):
    """A script that prints and ends so, in place of a test."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "witness"
        path.write_text("#!/bin/sh\ncat <<'EOF'\n{}EOF\n{}\n".format(output, status), encoding="utf-8")
        path.chmod(0o700)
        return verdict.run(path, witness, seconds)


def judged(output, status, witness, assertion, seconds=10):
    return verdict.judge(seen(output, status, witness, seconds), witness, assertion)


class VerdictTest(unittest.TestCase):
    def test_the_named_assertion_is_a_catch(self):
        self.assertEqual(judged(FAILED, "exit 1", CASE, "lane.Ack(1) Actual: true"), (True, "a/b_test.cc:12"))
        self.assertEqual(judged(FAILED, "exit 1", CASE, "head Which is: 1"), (True, "a/b_test.cc:15"))

    def test_another_assertion_is_none(self):
        caught, why = judged(FAILED, "exit 1", CASE, "tail")
        self.assertFalse(caught)
        self.assertIn("not by \"tail\"", why)
        self.assertIn("a/b_test.cc:12", why)

    def test_a_test_that_passes_is_a_survivor(self):
        self.assertIn("SURVIVED", judged(PASSED, "exit 0", CASE, "head")[1])

    def test_a_filter_that_matches_nothing_does_not_pass(self):
        self.assertFalse(seen("[  PASSED  ] 0 tests.\n", "exit 0").passed)
        self.assertTrue(seen(PASSED, "exit 0").passed)

    def test_a_time_out_and_a_signal_assert_nothing(self):
        self.assertIn("timed out", judged(FAILED, "exec sleep 60", CASE, "head", seconds=0.5)[1])
        self.assertIn("signal 6", judged(FAILED, "kill -6 $$", CASE, "head")[1])

    def test_a_race_counts_where_it_was_expected(self):
        self.assertEqual(judged(RACE, "exit 66", TSAN, "main thread ... LaneProducer::WriteDescriptor"),
                         (True, "data race at backends/host/lane_producer.cc:50"))
        self.assertFalse(judged(RACE, "exit 66", TSAN, "LaneProducer::WriteDescriptor ... LaneConsumer::CopyNext")[0])
        self.assertFalse(judged(FAILED, "exit 1", TSAN, "head")[0], "not a race")

    def test_an_invariant_of_the_simulation_is_a_catch(self):
        output = "seed 7 fails at step 31: a message was lost\n  10 deliver 3\n"
        self.assertEqual(judged(output, "exit 1", SIMULATE, "message was lost"), (True, "seed 7"))
        self.assertFalse(judged("met too rarely:\n", "exit 1", SIMULATE, "message was lost")[0])


class PatchTest(unittest.TestCase):
    def parse(self, head):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "lane-x.patch"
            path.write_text(head + "--- a/f\n+++ b/f\n", encoding="utf-8")
            return mutant.parse(path)

    def test_a_head_says_what_and_who(self):
        it = self.parse("Breaks\nall.\nCaught-by: tsan //a:b_test S.T\nAssertion: x == y\n\n")
        self.assertEqual((it.name, it.about, it.expected), ("lane-x", "Breaks all.", ((TSAN, "x == y"),)))

    def test_one_that_does_not_apply_any_more_is_stale(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            patch = root / "lane-x.patch"
            patch.write_text("Words.\n\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n", encoding="utf-8")
            (root / "f").write_text("old\n", encoding="utf-8")
            self.assertFalse(mutant.is_stale(patch, root))
            (root / "f").write_text("other\n", encoding="utf-8")
            self.assertTrue(mutant.is_stale(patch, root))

    def test_a_head_without_witness_assertion_or_words_is_refused(self):
        for head in ("Words.\n", "Words.\nCaught-by: //a:b_test S.T\n", "Caught-by: //a:b_test S.T\nAssertion: x\n",
                     "Words.\nCaught-by: b_test S.T\nAssertion: x\n"):
            with self.assertRaises(mutant.BadPatch, msg=head):
                self.parse(head)


if __name__ == "__main__":
    sys.exit(unittest.main())
