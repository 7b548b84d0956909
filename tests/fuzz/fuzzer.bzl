"""One macro: a fuzzer of this folder, NAME.cc, which only --config=fuzz builds."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def fuzzer(name, deps = []):
    """A libFuzzer program of NAME.cc, which reads its input through :fuzz_input.

    Args:
      name: ends in _fuzzer; its corpus is in corpus/ under what comes before.
      deps: beyond :fuzz_input.
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".cc"],
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [
            ":fuzz_input",
            ":load_hooks",
        ] + deps,
    )
