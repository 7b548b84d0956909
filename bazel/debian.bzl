"""Debian 12's rules_cc, made loadable by Debian 12's Bazel 4.2.

rules_cc 0.0.4 calls use_cpp_toolchain, which Bazel 4.2 does not have; two files of a private copy name the toolchain
type instead.
"""

def _debian_rules_cc(ctx):
    copied = ctx.execute(["cp", "-r", ctx.attr.path + "/.", "."])
    if copied.return_code:
        fail("cannot copy {}: {} (apt-get install bazel-rules-cc)".format(ctx.attr.path, copied.stderr))
    for name in ["cc_flags_supplier.bzl", "compiler_flag.bzl"]:
        path = "cc/private/rules_impl/" + name
        text = ctx.read(path)
        text = text.replace(', "use_cpp_toolchain"', "")
        text = text.replace("use_cpp_toolchain()", '["@bazel_tools//tools/cpp:toolchain_type"]')
        ctx.file(path, text)

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc,
    attrs = {"path": attr.string(mandatory = True)},
    local = True,
)
