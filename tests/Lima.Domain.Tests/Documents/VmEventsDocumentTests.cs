using System.Text.RegularExpressions;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Documents;

/// <summary><c>docs/vm-events.md</c> lists every form in which an event is stored.</summary>
public sealed partial class VmEventsDocumentTests
{
    private static readonly MarkdownTable Table = Assert.Single(MarkdownTable.Of("vm-events.md"));

    [Fact]
    public void Lists_every_event_with_its_fields_in_order()
    {
        Assert.Equal("Manifest, Meaning, Fields, Since", string.Join(", ", Table.Header));
        var events = typeof(VmEvents).GetNestedTypes();
        Assert.Equal(events.Select(Manifest).Order(StringComparer.Ordinal), Table.Rows.Select(r => r[0]).Order(StringComparer.Ordinal));
        foreach (var type in events) Assert.Equal(Fields(type), Table.ByFirst[Manifest(type)][2]);
    }

    [Fact]
    public void Says_since_which_version_there_is_each() =>
        Assert.All(Table.Rows, row => Assert.Matches("^0\\.1$", row[3]));

    [Fact]
    public void Every_event_is_a_sealed_record_of_its_kind() => Assert.All(typeof(VmEvents).GetNestedTypes(), type =>
    {
        Assert.True(type.IsSealed);
        Assert.True(type.IsAssignableTo(typeof(VmEvent)));
    });

    private static string Manifest(Type type) => $"vm.{Hump().Replace(type.Name, "-").ToLowerInvariant()}.v1";

    private static string Fields(Type type) => string.Join(", ", type.GetConstructors().Single().GetParameters()
        .Select(p => p.Name + (p.HasDefaultValue ? "?" : "")));

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Hump();
}
