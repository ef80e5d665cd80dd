using System.Text.Json;
using Lima.Actors.Persistence;
using Lima.Actors.Tests.Persistence;
using Lima.Domain.Vms.Messages;
using Lima.Host.Api;
using Lima.Host.Journal;

namespace Lima.Host.Tests.Api;

public sealed class EventTextsTests
{
    private static readonly string[] Names = [.. EventManifests.Manifests.Where(m => m.StartsWith("vm.", StringComparison.Ordinal))];

    public static TheoryData<string> Manifests => [.. Names];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_event_has_a_line_of_its_own(string manifest)
    {
        var e = Assert.IsAssignableFrom<VmEvent>(Samples.ByManifest[manifest]);
        var text = EventTexts.Text(e);
        // The last resort of the table is the type's name, which no user knows.
        Assert.NotEqual(e.GetType().Name, text);
        Assert.DoesNotContain('\n', text);
        var view = EventTexts.View(Row(manifest, EventManifests.Write(e)), "web");
        Assert.Equal((text, manifest, "web", "1", e.At), (view.Text, view.Type, view.Instance, view.Id, view.Time));
    }

    [Fact]
    public void Texts_differ_from_event_to_event() => Assert.Equal(
        Names.Length, Names.Select(name => EventTexts.Text((VmEvent)Samples.ByManifest[name])).Distinct().Count());

    [Theory]
    [InlineData("vm.teleported.v9", "{}", "written by a newer version (vm.teleported.v9)")]
    [InlineData("vm.started.v1", "{\"at\":17}", "cannot be read (vm.started.v1)")]
    public void What_is_not_known_is_shown_as_such(string manifest, string json, string text) =>
        Assert.Equal(text, EventTexts.View(Row(manifest, System.Text.Encoding.UTF8.GetBytes(json)), "web").Text);

    private static JournalRow Row(string manifest, byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new JournalRow(7, "vm-1", manifest, document.RootElement.Clone(), 1);
    }
}
