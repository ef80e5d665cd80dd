using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Parameters: names, values, and that each one is used.</summary>
internal static partial class ParamRules
{
    // Consumed by the network configuration of the guest, not by any text of the template.
    private const string NetplanOptional = "internal_netplanOptional";

    private static readonly string[] ProvisionTexts = ["script", "content", "expression", "owner", "path", "permissions", "playbook"];

    /// <summary>That every parameter of a template is used in it; looked at before anything is merged or expanded.</summary>
    public static void CheckUse(Section template, ProblemList problems)
    {
        if (!template.Has("param")) return;
        var used = UsedNames(template);
        foreach (var (key, _, _) in template.Pairs("param"))
        {
            if (key.Value == NetplanOptional || used.Contains(key.Value) || !Name().IsMatch(key.Value)) continue;
            var name = Shown.Value(key.Value);
            problems.Error(key.At, $"param.{name}", $"field `param` key `{name}` is not used in any provision, probe, copyToHost, or portForward");
        }
    }

    /// <summary>Names and values.</summary>
    public static void Check(Reading reading)
    {
        foreach (var (key, value, text) in reading.Root.Pairs("param"))
        {
            var name = Shown.Value(key.Value);
            var at = $"param.{name}";
            if (!Name().IsMatch(key.Value))
            {
                reading.Problems.Error(key.At, at, $"param name `{name}` does not match regex `^[a-zA-Z][a-zA-Z0-9_]*$`");
            }

            if (!text.EnumerateRunes().All(IsPrintable))
            {
                reading.Problems.Error(value.At, at, $"param `{name}` value contains unprintable character");
            }
        }
    }

    // Values stand in shell variables of one line each. What Go calls printable: letters, marks, numbers, punctuation, symbols, and the one blank.
    private static bool IsPrintable(Rune rune) => rune.Value is '\t' or ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Names that appear as <c>PARAM_NAME</c>, or as <c>.Param.NAME</c> between <c>{{</c> and <c>}}</c>.</summary>
    private static HashSet<string> UsedNames(Section root)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Texts(root))
        {
            foreach (var word in Word().EnumerateMatches(text)) used.Add(text.Substring(word.Index + "PARAM_".Length, word.Length - "PARAM_".Length));
            for (var open = text.IndexOf("{{", StringComparison.Ordinal); open >= 0;)
            {
                var close = text.IndexOf("}}", open, StringComparison.Ordinal);
                if (close < 0) break;
                foreach (var match in Variable().EnumerateMatches(text.AsSpan(open, close - open)))
                {
                    used.Add(text.Substring(open + match.Index + ".Param.".Length, match.Length - ".Param.".Length));
                }

                open = text.IndexOf("{{", close, StringComparison.Ordinal);
            }
        }

        return used;
    }

    private static IEnumerable<string> Texts(Section root)
    {
        foreach (var text in Of("provision", ProvisionTexts)) yield return text;
        foreach (var text in Of("probes", ["script"])) yield return text;
        foreach (var text in Of("copyToHost", ["guest", "host"])) yield return text;
        foreach (var text in Of("portForwards", ["guestSocket", "hostSocket"])) yield return text;
        foreach (var text in Of("mounts", ["location", "mountPoint"])) yield return text;
        IEnumerable<string> Of(string list, string[] keys) => root.Items(list).SelectMany(item => keys.Select(item.Text)).OfType<string>();
    }

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("(?<![A-Za-z0-9_])PARAM_[A-Za-z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\.Param\.[A-Za-z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
