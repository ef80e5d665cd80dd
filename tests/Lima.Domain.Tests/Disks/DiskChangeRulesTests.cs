using Lima.Domain.Disks;

namespace Lima.Domain.Tests.Disks;

public sealed class DiskChangeRulesTests
{
    private const string Nobody = "", This = "this", Other = "other", Stranger = "stranger";

    [Theory]
    [InlineData("grow", "", 1, null)]
    [InlineData("grow", "data", 1, null)]
    [InlineData("attach", "data", 0, null)]
    [InlineData("detach", "data", 0, null)]
    [InlineData("grow", "", 0, "the size of a disk must be more than 0")]
    [InlineData("grow", "data", -1, "the size of a disk must be more than 0")]
    [InlineData("attach", "", 0, "the disk of the instance itself can only grow")]
    [InlineData("detach", "", 0, "the disk of the instance itself can only grow")]
    [InlineData("shrink", "data", 1, "`shrink` is nothing that can be done with a disk")]
    [InlineData("", "", 0, "`` is nothing that can be done with a disk")]
    public void What_can_be_wished(string action, string disk, long bytes, string? problem) =>
        Assert.Equal(problem, DiskChangeRules.Problem(new DiskChange(action, disk, bytes))?.Message);

    [Theory]
    [InlineData("grow", "", false)]
    [InlineData("grow", "data", true)]
    [InlineData("attach", "data", true)]
    [InlineData("detach", "data", false)]
    public void What_needs_the_disk(string action, string disk, bool needs) => Assert.Equal(needs, DiskChangeRules.NeedsDisk(new DiskChange(action, disk, 1)));

    [Theory]
    [InlineData("grow", true, This, null)]
    [InlineData("grow", false, This, "refused")]
    [InlineData("grow", true, Nobody, "refused")]
    [InlineData("grow", false, Nobody, "refused")]
    [InlineData("grow", true, Other, "refused")]
    [InlineData("attach", true, Nobody, null)]
    [InlineData("attach", true, This, null)]
    [InlineData("attach", true, Other, "disk-in-use")]
    [InlineData("attach", true, Stranger, "disk-in-use")]
    [InlineData("attach", false, Other, null)] // It may be free by the next start.
    [InlineData("attach", false, Nobody, null)]
    [InlineData("detach", true, Other, null)]
    public void What_can_be_done_depends_on_who_has_the_disk(string action, bool isUp, string who, string? code)
    {
        var user = who switch
        {
            Nobody => null,
            This => new DiskUser(true, "instance `web`", "web"),
            Other => new DiskUser(false, "instance `db`", "db"),
            _ => new DiskUser(false, "process 7", null),
        };
        var problem = DiskChangeRules.Problem(new DiskChange(action, "data", 1), "web", isUp, user);
        Assert.Equal(code, problem?.Code);
        if (code == "disk-in-use") Assert.Contains(who == Other ? "limactl stop db" : "fuser", problem!.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detach", true, "refused")]
    [InlineData("detach", false, null)]
    [InlineData("attach", true, null)]
    [InlineData("grow", true, null)]
    public void A_disk_that_other_files_name_cannot_be_taken_out(string action, bool isNamed, string? code) =>
        Assert.Equal(code, DiskChangeRules.ProblemAfter(new DiskChange(action, "data"), "web", isNamed ? ["other", "data"] : ["other"])?.Code);
}
