using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>What is set inside the guest: environment, time zone.</summary>
internal static class GuestRules
{
    public static void Check(Reading reading)
    {
        foreach (var (key, value, text) in reading.Root.Pairs("env"))
        {
            var at = $"env.{Shown.Value(key.Value)}";

            // /etc/environment has one variable a line and no way to quote a line break.
            if (key.Value.Length == 0 || key.Value.Any(c => char.IsControl(c) || c is '=' or ' '))
            {
                reading.Problems.Error(key.At, at, $"field `env`: `{Shown.Value(key.Value)}` is no name of a variable");
            }

            if (text.Any(c => c is '\n' or '\r' or '\0')) reading.Problems.Error(value.At, at, $"field `{at}` must be a single line");
        }

        if (reading.Root.Text("timezone") is { Length: > 0 } zone && !IsZone(zone))
        {
            reading.Error(reading.Root, "timezone", $"field `timezone` must be a name such as `Europe/Paris`, got `{Shown.Value(zone)}`");
        }
    }

    private static bool IsZone(string zone) =>
        !zone.StartsWith('/') && !zone.Contains("..", StringComparison.Ordinal)
        && zone.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '/');
}
