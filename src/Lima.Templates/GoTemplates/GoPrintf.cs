using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Go's Sprintf. What is wrong with a format or its arguments stands in the result, as in Go.</summary>
internal sealed class GoPrintf
{
    /// <summary>Greatest width, precision and number of an argument.</summary>
    private const int NumberMax = 1_000_000;

    private readonly string _format;
    private readonly IReadOnlyList<GoValue> _arguments;
    private readonly GoOutput _output;
    private readonly StringBuilder _to = new();
    private int _at;
    private int _argument;
    private bool _reordered;
    private bool _goodNumber;

    private GoPrintf(string format, IReadOnlyList<GoValue> arguments, GoOutput output) =>
        (_format, _arguments, _output) = (format, arguments, output);

    public static string Format(string format, IReadOnlyList<GoValue> arguments, GoOutput output)
    {
        var printer = new GoPrintf(format, arguments, output);
        printer.Run();
        return printer._to.ToString();
    }

    private void Run()
    {
        while (_at < _format.Length)
        {
            var percent = _format.IndexOf('%', _at);
            if (percent < 0) percent = _format.Length;
            _to.Append(_format, _at, percent - _at);
            _at = percent + 1;
            if (percent == _format.Length) break;
            var before = _to.Length;
            Verb();

            // Widths make much of little; all of the result is counted once more when it is done.
            _output.Made(_to.Length - before);
        }

        if (!_reordered && _argument < _arguments.Count) Extra();
    }

    private void Verb()
    {
        _goodNumber = true;
        var verb = Flags(new GoVerb { Letter = 'v' });
        var afterIndex = ArgumentNumber();
        verb = WidthOf(verb, ref afterIndex);
        if (_at < _format.Length && _format[_at] == '.')
        {
            _at++;
            if (afterIndex) _goodNumber = false;
            afterIndex = ArgumentNumber();
            verb = PrecisionOf(verb, ref afterIndex);
        }

        if (!afterIndex) ArgumentNumber();
        if (_at >= _format.Length)
        {
            _to.Append("%!(NOVERB)");
            return;
        }

        Rune.DecodeFromUtf16(_format.AsSpan(_at), out var letter, out var length);
        _at += length;
        if (letter.Value == '%') _to.Append('%');
        else if (!_goodNumber) _to.Append("%!").Append(letter).Append("(BADINDEX)");
        else if (_argument >= _arguments.Count) _to.Append("%!").Append(letter).Append("(MISSING)");
        else (verb with { Letter = letter.IsBmp ? (char)letter.Value : '\ufffd' }).Write(_to, _arguments[_argument++]);
    }

    private GoVerb Flags(GoVerb verb)
    {
        for (; _at < _format.Length; _at++)
        {
            switch (_format[_at])
            {
                case '#':
                    verb = verb with { Sharp = true };
                    break;
                case '0':
                    verb = verb with { Zero = !verb.Minus };
                    break;
                case '+':
                    verb = verb with { Plus = true };
                    break;
                case '-':
                    verb = verb with { Minus = true, Zero = false };
                    break;
                case ' ':
                    verb = verb with { Space = true };
                    break;
                default:
                    return verb;
            }
        }

        return verb;
    }

    private GoVerb WidthOf(GoVerb verb, ref bool afterIndex)
    {
        if (TakeStar())
        {
            afterIndex = false;
            if (NumberArgument() is not { } width)
            {
                _to.Append("%!(BADWIDTH)");
                return verb;
            }

            return width < 0 ? verb with { Width = -width, Minus = true, Zero = false } : verb with { Width = width };
        }

        if (Digits() is not { } number) return verb;
        if (afterIndex) _goodNumber = false;
        return verb with { Width = number };
    }

    private GoVerb PrecisionOf(GoVerb verb, ref bool afterIndex)
    {
        if (!TakeStar()) return verb with { Precision = Digits() ?? 0 };
        afterIndex = false;
        var number = NumberArgument();
        if (number is null) _to.Append("%!(BADPREC)");
        return number >= 0 ? verb with { Precision = number } : verb;
    }

    private bool TakeStar()
    {
        if (_at >= _format.Length || _format[_at] != '*') return false;
        _at++;
        return true;
    }

    private int? NumberArgument()
    {
        if (_argument >= _arguments.Count) return null;
        return _arguments[_argument++] is GoInt { Value: >= -NumberMax and <= NumberMax } number ? (int)number.Value : null;
    }

    /// <summary>Digits of a number; one that is too large counts as none.</summary>
    private int? Digits()
    {
        var start = _at;
        var number = 0;
        for (; _at < _format.Length && char.IsAsciiDigit(_format[_at]); _at++)
        {
            if (number <= NumberMax) number = (number * 10) + (_format[_at] - '0');
        }

        return _at == start || number > NumberMax ? null : number;
    }

    /// <summary>The number of an argument in brackets, from 1; whether there was one.</summary>
    private bool ArgumentNumber()
    {
        if (_at >= _format.Length || _format[_at] != '[') return false;
        _reordered = true;
        var close = _format.IndexOf(']', _at);
        _output.Step((close < 0 ? _format.Length : close) - _at);
        var length = close < 0 ? 1 : close - _at + 1;
        if (close > 0 && int.TryParse(_format.AsSpan(_at + 1, close - _at - 1), System.Globalization.NumberStyles.None, null, out var number)
            && number >= 1 && number <= _arguments.Count)
        {
            _argument = number - 1;
            _at += length;
            return true;
        }

        _goodNumber = false;
        _at += length;
        return close > 0;
    }

    private void Extra()
    {
        _to.Append("%!(EXTRA ");
        for (var i = _argument; i < _arguments.Count; i++)
        {
            if (i > _argument) _to.Append(", ");
            var value = _arguments[i];
            _to.Append(value is GoNil ? "<nil>" : value.TypeName + "=" + GoFormat.Plain(value));
        }

        _to.Append(')');
    }
}
