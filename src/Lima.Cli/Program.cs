using Lima.Cli;

return await CliApp.RunAsync(ProgramName(), args, CliWorld.Real());

// Under the JIT the first word is the assembly's path; the kernel knows the name that was really called.
static string ProgramName()
{
    var name = Environment.GetCommandLineArgs()[0];
    if (!name.EndsWith(".dll", StringComparison.Ordinal) || !File.Exists("/proc/self/cmdline")) return name;
    return File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
}
