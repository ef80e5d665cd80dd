using System.Diagnostics;
using System.Text.Json;
using Lima.Contracts;
using Lima.Testing;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>Runs the product's programs for one home, each with a deadline.</summary>
internal sealed class Limactl(string home, IReadOnlyDictionary<string, string>? environment = null)
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    // What a terminal, a desktop or another instance of the product may have left in the environment.
    private static readonly string[] Unwanted = ["LIMA_HOCON", "LIMA_INSTANCE", "LIMA_HOST_BINARY", "LIMA_SHARE", "QEMU_SYSTEM_X86_64", "COLORTERM"];

    private readonly IReadOnlyDictionary<string, string> _environment = environment ?? new Dictionary<string, string>();

    /// <summary>The same with one more variable in the environment.</summary>
    public Limactl With(string name, string value) => new(home, new Dictionary<string, string>(_environment) { [name] = value });

    /// <summary><c>limactl WORDS</c>, within a minute.</summary>
    public Task<Ran> RunAsync(params string[] words) => RunAsync(Usual, words);

    /// <summary><c>limactl WORDS</c>, within a limit.</summary>
    public Task<Ran> RunAsync(TimeSpan limit, params string[] words) => ExecAsync(Product.Limactl, words, limit);

    /// <summary><c>limactl WORDS</c> with text on standard input.</summary>
    public Task<Ran> PipeAsync(string input, params string[] words) => ExecAsync(Product.Limactl, words, Usual, input);

    /// <summary><c>lima WORDS</c>.</summary>
    public Task<Ran> LimaAsync(params string[] words) => ExecAsync(Product.Lima, words, Usual);

    /// <summary>A command in a guest; its output without the last line feed. Fails the test when it fails.</summary>
    public async Task<string> GuestAsync(string name, params string[] words) => (await RunAsync(["shell", name, .. words])).Ok().TrimEnd('\n');

    /// <summary><c>limactl list --json</c>: this starts a host when there is none.</summary>
    public async Task<IReadOnlyList<InstanceView>> ListAsync()
    {
        var ran = await RunAsync("list", "--json");
        return ran.Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize(line, ContractsJson.Default.InstanceView)!)
            .ToList();
    }

    /// <summary>One instance as listed.</summary>
    public async Task<InstanceView> ShowAsync(string name) => Assert.Single(await ListAsync(), instance => instance.Name == name);

    /// <summary>Polls the list until the instance is as wanted; fails the test after the limit.</summary>
    public async Task<InstanceView> UntilAsync(string name, Func<InstanceView, bool> wanted, TimeSpan limit)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            var instance = await ShowAsync(name);
            if (wanted(instance)) return instance;
            Assert.True(began.Elapsed < limit, $"not reached within {limit.TotalSeconds:0} s: {Text(instance)}");
            await Task.Delay(200);
        }
    }

    /// <summary>Polls until nothing is pending and the VM is on its way nowhere.</summary>
    public Task<InstanceView> SettledAsync(string name, TimeSpan limit) =>
        UntilAsync(name, instance => instance is { Intent: null, Status: not "Starting" }, limit);

    /// <summary>An instance in one line, for messages.</summary>
    public static string Text(InstanceView instance) => JsonSerializer.Serialize(instance, ContractsJson.Default.InstanceView);

    /// <summary>Runs any program with this home in its environment.</summary>
    public async Task<Ran> ExecAsync(string program, IReadOnlyList<string> words, TimeSpan limit, string? input = null)
    {
        using var process = new Process { StartInfo = StartInfo(program, words, input is not null) };
        var began = Stopwatch.StartNew();
        process.Start();
        var output = new Collected(process.StandardOutput);
        var error = new Collected(process.StandardError);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        var ended = await EndedAsync(process, limit);
        var took = began.Elapsed;
        // A descendant that lives on may hold the pipes open; what has come until now is all that matters.
        await Task.WhenAny(Task.WhenAll(output.Done, error.Done), Task.Delay(TimeSpan.FromSeconds(2)));
        var command = $"{Path.GetFileName(program)} {string.Join(' ', words)}";
        return new Ran(command, ended ? process.ExitCode : null, output.Text, error.Text, took);
    }

    private ProcessStartInfo StartInfo(string program, IReadOnlyList<string> words, bool withInput)
    {
        var start = new ProcessStartInfo(program, words)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = withInput, UseShellExecute = false, WorkingDirectory = "/",
        };
        foreach (var name in Unwanted) start.Environment.Remove(name);
        start.Environment["LIMA_HOME"] = home;
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        return start;
    }

    private static async Task<bool> EndedAsync(Process process, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return false;
        }
    }

    /// <summary>Reads a stream to its end beside everything else.</summary>
    private sealed class Collected
    {
        private readonly System.Text.StringBuilder _text = new();

        public Collected(StreamReader reader) => Done = Task.Run(async () =>
        {
            var buffer = new char[4096];
            while (await reader.ReadAsync(buffer) is var count and > 0)
            {
                lock (_text) _text.Append(buffer, 0, count);
            }
        });

        public Task Done { get; }

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }
    }
}
