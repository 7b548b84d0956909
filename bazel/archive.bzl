"""One archive of cc_library targets and all that they need of this project: for programs that are linked without Bazel."""

load("@rules_cc//cc:defs.bzl", "CcInfo")

def _archives(deps):
    found = []
    for dep in deps:
        for input in dep[CcInfo].linking_context.linker_inputs.to_list():
            for library in input.libraries:
                archive = library.pic_static_library or library.static_library
                if archive and archive not in found:
                    found.append(archive)
    return found

def _cc_archive(ctx):
    archives = _archives(ctx.attr.deps)
    script = ["create " + ctx.outputs.archive.path]
    script += ["addlib " + archive.path for archive in archives]
    script += ["save", "end", ""]
    commands = ctx.actions.declare_file(ctx.label.name + ".mri")
    ctx.actions.write(commands, "\n".join(script))
    ctx.actions.run_shell(
        inputs = archives + [commands],
        outputs = [ctx.outputs.archive],
        command = "ar -M <" + commands.path,
        mnemonic = "CcArchive",
        progress_message = "Archiving " + ctx.outputs.archive.short_path,
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([ctx.outputs.archive]))]

cc_archive = rule(
    implementation = _cc_archive,
    attrs = {
        "archive": attr.output(mandatory = True, doc = "the file: libNAME.a"),
        "deps": attr.label_list(providers = [CcInfo], mandatory = True),
    },
    doc = "Position-independent where the libraries are compiled so, which makes it fit for shared libraries too.",
)
