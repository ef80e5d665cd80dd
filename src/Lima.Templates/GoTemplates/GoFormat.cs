using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>
/// The text of values, as Go's fmt prints them. One thing differs: a pointer inside another value, which Go prints as an
/// address, is printed as what it points to.
/// </summary>
internal static class GoFormat
{
    /// <summary>The output of an action.</summary>
    public static string Shown(GoValue value) => value is GoNil ? "<no value>" : Plain(GoCompare.Target(value));

    /// <summary>A value as <c>%v</c> prints it.</summary>
    public static string Plain(GoValue value)
    {
        if (value is GoString text) return text.Value;
        var to = new StringBuilder();
        new GoVerb { Letter = 'v' }.Write(to, value);
        return to.ToString();
    }

    /// <summary>Values after each other, with a space between two that are no strings.</summary>
    public static string Print(IReadOnlyList<GoValue> values)
    {
        var to = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0 && values[i] is not GoString && values[i - 1] is not GoString) to.Append(' ');
            to.Append(Plain(values[i]));
        }

        return to.ToString();
    }

    /// <summary>Values with a space between any two, and the end of a line.</summary>
    public static string PrintLine(IReadOnlyList<GoValue> values) => string.Join(' ', values.Select(Plain)) + "\n";

    /// <summary>As <see cref="Print"/>, of what pointers point to.</summary>
    public static string PrintTargets(IReadOnlyList<GoValue> values) =>
        Print([.. values.Select(value => value is GoNil ? GoValue.Of("<no value>") : GoCompare.Target(value))]);
}
