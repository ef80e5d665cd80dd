using System.Diagnostics;
using Lima.Drivers.CloudInit;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.CloudInit;

/// <summary>Lets a shell read the seed's variables, as the guest does.</summary>
public sealed class SeedShellTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("plain-1_2.3/4:5,6@7%8+9=")]
    [InlineData("")]
    [InlineData("blanks and\ttabs")]
    [InlineData("$HOME `id` $(id) \\ \" ' ; & | < > * ? ~ # ! {a,b}")]
    [InlineData("Zoë")]
    [InlineData("~")]
    public void A_parameter_reaches_the_script_as_it_was_written(string value)
    {
        if (!Need.Programs(output, "sh")) return;
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with { Params = spec.Params.Add("X", value) }));
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["param.env"], seed.Text("param.env"));
        var start = new ProcessStartInfo("sh", ["-c", ". \"$0\"; printf %s \"$PARAM_X\"", directory["param.env"]]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        Assert.Equal(value, process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
