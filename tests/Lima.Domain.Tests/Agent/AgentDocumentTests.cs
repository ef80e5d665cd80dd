using Lima.Domain.Agent;
using Lima.Domain.Tests.Documents;

namespace Lima.Domain.Tests.Agent;

/// <summary>The page about the protocol says what the code does.</summary>
public sealed class AgentDocumentTests
{
    [Fact]
    public void The_table_of_types_is_that_of_the_code()
    {
        var table = Assert.Single(MarkdownTable.Of("guest-agent.md"));
        Assert.Equal("Number, Type, Sent by, Payload", string.Join(", ", table.Header));
        var said = table.Rows.Select(row => (row[0], row[1], row[2]));
        var coded = Enum.GetValues<AgentFrameType>().Select(type => (((int)type).ToString(), type.ToString(), Sender(type)));
        Assert.Equal(coded, said);
    }

    private static string Sender(AgentFrameType type) =>
        (AgentSide.Host.MaySend(type), AgentSide.Guest.MaySend(type)) switch { (true, true) => "both", (true, false) => "host", _ => "guest" };
}
