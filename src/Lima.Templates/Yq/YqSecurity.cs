namespace Lima.Templates.Yq;

/// <summary>What an expression may reach outside its documents. Programs are never run.</summary>
/// <param name="Environment">Value of an environment variable, null when it is not set; null where such operators are disabled.</param>
/// <param name="ReadFile">Text of a file, or an <see cref="IOException"/>; null where such operators are disabled.</param>
public sealed record YqSecurity(Func<string, string?>? Environment, Func<string, string>? ReadFile)
{
    /// <summary>Nothing: what <c>--set</c> and everything that comes with templates gets.</summary>
    public static YqSecurity Restricted { get; } = new(null, null);
}
