using System.Text;
using System.Threading.Channels;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Progress;
using Lima.Testing;

namespace Lima.Drivers.Tests.Progress;

/// <summary>Following the log of a guest's reports.</summary>
public sealed class GuestProgressLogTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private readonly Channel<GuestReport> _heard = Channel.CreateUnbounded<GuestReport>();
    private readonly InstanceDirectory _instance;
    private Task _following = Task.CompletedTask;

    public GuestProgressLogTests() => _instance = new InstanceDirectory(VmName.Parse("web"), _directory.Path);

    public Task InitializeAsync()
    {
        _following = Task.Run(async () =>
        {
            await foreach (var report in new GuestProgressLog(TimeProvider.System).FollowAsync(_instance, _stop.Token)) _heard.Writer.TryWrite(report);
        });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _following);
        _stop.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_log_that_comes_late_and_grows_is_read_to_its_end()
    {
        await Task.Delay(200);
        Append("LIMA1 1 phase one\nLIMA1 2 pha");
        Assert.Equal("one", (await NextAsync()).Text);
        Append("se two\nLIMA1 3 ready iid");
        Assert.Equal("two", (await NextAsync()).Text);
        Append("\n");
        Assert.Equal(new GuestReport(3, GuestReportKind.Ready, "iid"), await NextAsync());
    }

    [Fact]
    public async Task Rubbish_between_reports_is_passed_over()
    {
        Append("\n\n\0\0\0\0\nboot noise\n\u001b[31m\nLIMA1 x phase y\nLIMA1 1 line ok\n");
        Assert.Equal("ok", (await NextAsync()).Text);
    }

    [Fact]
    public async Task A_line_without_end_costs_no_memory_and_hides_nothing_after_it()
    {
        var chunk = new string('x', 1 << 20);
        Append("LIMA1 1 line ");
        for (var i = 0; i < 8; i++) Append(chunk);
        Append("\nLIMA1 2 ssh\n");
        Assert.Equal(GuestReport.LineMax - "LIMA1 1 line ".Length, (await NextAsync()).Text.Length);
        Assert.Equal(GuestReportKind.Ssh, (await NextAsync()).Kind);
    }

    [Fact]
    public async Task A_character_cut_in_two_is_put_together()
    {
        var bytes = Encoding.UTF8.GetBytes("LIMA1 1 line \u00fc\ud83d\udc27!\n");
        foreach (var one in bytes)
        {
            Append([one]);
            await Task.Delay(60);
        }

        Assert.Equal("\u00fc\ud83d\udc27!", (await NextAsync()).Text);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_do_no_harm()
    {
        Append([.. "LIMA1 1 line "u8, 0xff, 0xfe, 0xc3, (byte)'\n']);
        Append("LIMA1 2 ssh\n");
        Assert.Equal(GuestReportKind.Line, (await NextAsync()).Kind);
        Assert.Equal(GuestReportKind.Ssh, (await NextAsync()).Kind);
    }

    [Fact]
    public async Task A_log_that_begins_anew_is_read_anew()
    {
        Append("LIMA1 1 phase first boot\nLIMA1 2 phase half a li");
        Assert.Equal("first boot", (await NextAsync()).Text);
        await Task.Delay(200);
        File.WriteAllText(_instance.ProgressLog, "LIMA1 1 ssh\n");
        Assert.Equal(GuestReportKind.Ssh, (await NextAsync()).Kind);
    }

    private async Task<GuestReport> NextAsync() => await _heard.Reader.ReadAsync(_stop.Token);

    private void Append(string text) => Append(Encoding.UTF8.GetBytes(text));

    private void Append(byte[] bytes)
    {
        using var file = new FileStream(_instance.ProgressLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write(bytes);
    }
}
