using Lima.Templates.Validation;

namespace Lima.Templates.Tests;

/// <summary>A disk grows, and never shrinks.</summary>
public sealed class EditRulesTests
{
    [Theory]
    [InlineData("disk: 100GiB", "disk: 50GiB", "field `disk`: shrinking the disk (100GiB --> 50GiB) is not supported")]
    [InlineData("cpus: 1", "disk: 50GiB", "field `disk`: shrinking the disk (100GiB --> 50GiB) is not supported")]
    [InlineData("disk: 1TiB", "disk: 1000GiB", "field `disk`: shrinking the disk (1TiB --> 1000GiB) is not supported")]
    [InlineData("disk: 50GiB", "disk: 50GiB", null)]
    [InlineData("disk: 51200MiB", "disk: 50GiB", null)]
    [InlineData("disk: 50GiB", "disk: 100GiB", null)]
    [InlineData("disk: 200GiB", "cpus: 1", null)]
    [InlineData("disk: 200GiB", "disk: null", null)]
    [InlineData("disk: nonsense", "disk: 1GiB", null)]
    [InlineData("disk: 200GiB", "disk: nonsense", null)]
    [InlineData("[not, a, map]", "disk: 1GiB", null)]
    [InlineData(": : :\n\t", "disk: 1GiB", null)]
    [InlineData("disk: 2GiB", "[", null)]
    public void Tells_a_shrinking_disk(string before, string after, string? message)
    {
        var problem = EditRules.ShrunkDisk(before + "\n", after + "\n", "lima.yaml");
        Assert.Equal(message, problem?.Message);
        if (problem is not null) Assert.Equal(("lima.yaml", 1, "disk"), (problem.File, problem.Line, problem.Field));
    }
}
