namespace Lima.Cli.Yq;

/// <summary>
/// Reads command lines of <c>yq</c> the way its users write them: short flags in a row (<c>-ni</c>), values with or without
/// an equals sign or a blank (<c>-ojson</c>, <c>-o=json</c>, <c>-o json</c>).
/// </summary>
internal static class YqFlags
{
    private static readonly Dictionary<char, string> Short = new()
    {
        ['i'] = "inplace", ['n'] = "null-input", ['o'] = "output-format", ['p'] = "input-format", ['r'] = "unwrapScalar", ['I'] = "indent",
        ['e'] = "exit-status", ['P'] = "prettyPrint", ['N'] = "no-doc", ['C'] = "colors", ['M'] = "no-colors", ['c'] = "yaml-compact-seq-indent",
        ['0'] = "nul-output", ['j'] = "tojson", ['h'] = "help", ['V'] = "version", ['v'] = "verbose", ['s'] = "split-exp", ['f'] = "front-matter",
    };

    private static readonly HashSet<string> WithValue = ["output-format", "input-format", "indent", "expression", "from-file", "split-exp", "split-exp-file", "front-matter"];

    /// <summary>Options and words of a command line; throws a <see cref="CliException"/> for what yq does not know.</summary>
    public static YqOptions Parse(IReadOnlyList<string> arguments)
    {
        var first = arguments.Count > 0 ? arguments[0] : "";
        var options = new YqOptions { Together = first is "ea" or "eval-all" };
        for (var at = first is "e" or "eval" or "ea" or "eval-all" ? 1 : 0; at < arguments.Count; at++)
        {
            var word = arguments[at];
            if (word == "--")
            {
                options.Words.AddRange(arguments.Skip(at + 1));
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal)) Long(options, word[2..], arguments, ref at);
            else if (word.Length > 1 && word[0] == '-') Row(options, word, arguments, ref at);
            else options.Words.Add(word);
        }

        if (first == "help") options.Help = true;
        return options;
    }

    private static void Long(YqOptions options, string word, IReadOnlyList<string> arguments, ref int at)
    {
        var cut = word.IndexOf('=');
        var name = cut < 0 ? word : word[..cut];
        var value = cut < 0 ? null : word[(cut + 1)..];
        if (value is null && WithValue.Contains(name)) value = Next("--" + name, arguments, ref at);
        Set(options, name, value, "--" + name);
    }

    private static void Row(YqOptions options, string word, IReadOnlyList<string> arguments, ref int at)
    {
        for (var i = 1; i < word.Length; i++)
        {
            if (!Short.TryGetValue(word[i], out var name)) throw CliException.Usage($"unknown shorthand flag: '{word[i]}' in {word}", "see `yq --help`");
            var rest = word[(i + 1)..];
            if (WithValue.Contains(name))
            {
                Set(options, name, rest.Length == 0 ? Next("-" + word[i], arguments, ref at) : rest.TrimStart('='), "-" + word[i]);
                return;
            }

            if (rest.StartsWith('='))
            {
                Set(options, name, rest[1..], "-" + word[i]);
                return;
            }

            Set(options, name, null, "-" + word[i]);
        }
    }

    private static string Next(string flag, IReadOnlyList<string> arguments, ref int at) =>
        ++at < arguments.Count ? arguments[at] : throw CliException.Usage($"flag needs an argument: {flag}", "see `yq --help`");

    private static void Set(YqOptions options, string name, string? value, string written)
    {
        var on = value is null or "true" or "1" or "t" or "T" or "TRUE" or "True";
        switch (name)
        {
            case "inplace": options.InPlace = on; break;
            case "null-input": options.NullInput = on; break;
            case "output-format": options.Output = value!; break;
            case "input-format": options.Input = value!; break;
            case "unwrapScalar": options.Unwrap = on; break;
            case "exit-status": options.ExitStatus = on; break;
            case "prettyPrint": options.Pretty = on; break;
            case "no-doc": options.NoSeparators = on; break;
            case "yaml-compact-seq-indent": options.CompactLists = on; break;
            case "nul-output": options.NulOutput = on; break;
            case "tojson" when on: options.Output = "json"; break;
            case "help": options.Help = on; break;
            case "version": options.Version = on; break;
            case "expression": options.Expression = value; break;
            case "from-file": options.ExpressionFile = value; break;
            case "security-disable-env-ops": options.DisableEnvironment = on; break;
            case "security-disable-file-ops": options.DisableFiles = on; break;
            // Nothing is coloured, nothing more is said, and headers are always kept.
            case "colors" or "no-colors" or "verbose" or "tojson" or "header-preprocess" or "string-interpolation" when on || name is "colors" or "no-colors" or "verbose" or "tojson": break;
            case "indent":
                if (!int.TryParse(value, out var indent)) throw CliException.Usage($"invalid argument \"{value}\" for \"-I, --indent\" flag: a number is needed", "see `yq --help`");
                if (indent < 0) throw CliException.Usage("indent must not be negative", "see `yq --help`");
                options.Indent = Math.Min(indent, 64);
                break;
            case "split-exp" or "split-exp-file" or "front-matter" or "security-enable-system-operator" or "debug-node-info" or "yaml-fix-merge-anchor-to-spec" or "header-preprocess" or "string-interpolation":
                throw CliException.Usage($"the flag {written} of yq is not supported", "see `yq --help` for those that are");
            default: throw CliException.Usage($"unknown flag: {written}", "see `yq --help`");
        }
    }
}
