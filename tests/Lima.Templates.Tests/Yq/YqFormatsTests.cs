using Lima.Templates.Yq;
using Lima.Templates.Yq.Formats;

namespace Lima.Templates.Tests.Yq;

/// <summary>XML, TOML and INI files, in and out.</summary>
public sealed class YqFormatsTests
{
    private const string Toml = """
        # the file
        title = "TOML"  # beside

        [owner]
        name = "Tom \"x\""
        dob = 1979-05-27T07:32:00-08:00

        # of the table
        [database]
        ports = [8000, 8001]
        data = [["delta", "phi"], [3.14]]
        limits = { cpu = 79.5, "a b" = { } }
        long = [
          # first
          1,
          2,  # second
        ]
        [database.deep.er]
        n = inf

        [[fruits]]
        name = "apple"
        [[fruits.kinds]]
        name = "red"
        [[fruits]]
        name = "pear"
        # the end

        """;

    private const string Xml = """
        <?xml version="1.0"?>
        <!-- above -->
        <cat legs="4">
          <x>3<!-- beside x --></x>
          <y>one</y>
          <y a="b &amp; c">two</y>
          <z></z>
          <ns:e xml:lang="en">&lt;text&gt;</ns:e>
        </cat>

        """;

    private static string Run(string from, string to, string text, string expression = ".")
    {
        var run = new YqRun(expression, [new YqInput("-", "-", text)], from, to);
        return run.TryEvaluate(out var result, out _, out var problem) ? result : "error: " + problem;
    }

    [Fact]
    public void TOML_becomes_YAML()
    {
        const string Expected = """
            # the file
            title: TOML # beside
            owner:
              name: Tom "x"
              dob: 1979-05-27T07:32:00-08:00
            # of the table
            database:
              ports:
                - 8000
                - 8001
              data:
                - - delta
                  - phi
                - - 3.14
              limits:
                cpu: 79.5
                a b: {}
              long:
                # first
                - 1
                - 2 # second
              deep:
                er:
                  n: .inf
            fruits:
              - name: apple
                kinds:
                  - name: red
              - name: pear
            # the end

            """;
        Assert.Equal(Expected, Run("toml", "yaml", Toml));
    }

    [Fact]
    public void A_TOML_file_keeps_comments_when_a_value_changes()
    {
        const string Expected = """
            # the file
            title = "TOML"  # beside

            [owner]
            name = "new"
            dob = 1979-05-27T07:32:00-08:00

            # of the table
            [database]
            ports = [8000, 8001, 8002]
            data = [["delta", "phi"], [3.14]]
            limits = { cpu = 79.5, "a b" = {} }
            long = [
              # first
              1,
              2,  # second
            ]

            [database.deep.er]
            n = inf

            """;
        var start = Toml[..Toml.IndexOf("[[fruits]]", StringComparison.Ordinal)];
        Assert.Equal(Expected, Run("toml", "toml", start, ".owner.name = \"new\" | .database.ports += 8002"));
    }

    [Theory]
    [InlineData("a: 1\nb: {c: x, d: [1, {e: null}]}\n", "a = 1\n\n[b]\nc = \"x\"\nd = [1, {}]\n")]
    [InlineData("t: {u: {v: {w: true}}}\n", "[t.u.v]\nw = true\n")]
    [InlineData("e: {}\nl: []\nm: [{n: 1}, {n: 2}]\n", "l = []\n\n[[m]]\nn = 1\n\n[[m]]\nn = 2\n\n[e]\n")]
    [InlineData("a b: \"x\\ny\\u0001\"\n\"\": 1.5\nn: ~\n", "\"a b\" = \"x\\ny\\u0001\"\n\"\" = 1.5\n")]
    [InlineData("x\n", "x\n")]
    [InlineData("- x\n", "error: TOML encoder expects a mapping at the root level")]
    public void YAML_becomes_TOML(string yaml, string toml) => Assert.Equal(toml, Run("yaml", "toml", yaml));

    [Theory]
    [InlineData("a = 0xff\nb = 0b101\nc = 1_000\nd = +2\ne = -inf\nf = '''\nx\ny'''\n", "a: 0xff\nb: 5\nc: 1000\nd: 2\ne: -.inf\nf: |-\n  x\n  y\n")]
    [InlineData("a.b.c = 1\na.d = 2\n", "a:\n  b:\n    c: 1\n  d: 2\n")]
    [InlineData("[[f]]\n[a]\n[[f.k]]\nn = 1\n", "f:\n  - k:\n      - n: 1\na: {}\n")]
    [InlineData("", "{}\n")]
    [InlineData("a = 1\na = 2\n", "error: bad file '-': not valid TOML: line 2:")]
    [InlineData("a = [1,\n", "error: bad file '-': not valid TOML: line")]
    public void TOML_is_read(string toml, string yaml) => Assert.StartsWith(yaml, Run("toml", "yaml", toml));

    [Fact]
    public void XML_becomes_YAML()
    {
        const string Expected = """
            +p_xml: version="1.0"
            # above
            cat:
              +@legs: "4"
              x: "3" # beside x
              y:
                - one
                - +content: two
                  +@a: b & c
              z:
              ns:e:
                +content: <text>
                +@xml:lang: en

            """;
        Assert.Equal(Expected.Replace("# above\n", ""), Run("xml", "yaml", Xml.Replace("<!-- above -->\n", "")));
        Assert.Contains("# above\n", Run("xml", "yaml", Xml));
    }

    [Fact]
    public void An_XML_file_keeps_what_is_not_changed()
    {
        var expected = Xml.Replace("<!-- above -->\n", "");
        Assert.Equal(expected.Replace(">one<", ">1<"), Run("xml", "xml", expected, ".cat.y[0] = 1"));
    }

    [Theory]
    [InlineData("a: 1\n", "<a>1</a>\n")]
    [InlineData("a: [1, x]\nb:\n", "<a>1</a>\n<a>x</a>\n<b></b>\n")]
    [InlineData("a: {+@id: 'x\"<', +content: t, b: {c: 2}}\n", "<a id=\"x&#34;&lt;\">t\n  <b>\n    <c>2</c>\n  </b>\n</a>\n")]
    [InlineData("# head\na: 1 # side\n", "<!-- head -->\n<a>1<!-- side --></a>\n")]
    [InlineData("+p_xml: version=\"1.0\"\n+directive: DOCTYPE a\na: x\n", "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a>x</a>\n")]
    [InlineData("x\n", "x\n")]
    [InlineData("- 1\n", "error: cannot encode !!seq to XML - only maps can be encoded")]
    [InlineData("a: {+@b: [1]}\n", "error: cannot use !!seq as attribute")]
    [InlineData("a b: 1\n", "error: `a b` is no name of an element")]
    [InlineData("\"a><b\": 1\n", "error: `a><b` is no name of an element")]
    [InlineData("+p_x: '?><b/>'\n", "error: `?><b/>` would end before its end in XML")]
    public void YAML_becomes_XML(string yaml, string xml) => Assert.StartsWith(xml, Run("yaml", "xml", yaml));

    [Theory]
    [InlineData("<root>value<!-- c --> </root>", "root: value # c\n")]
    [InlineData("<root><!-- c -->value</root>", "# c\nroot: value\n")]
    [InlineData("<root>value<!-- c -->other </root>", "root:\n  - value # c\n  - other\n")]
    [InlineData("<a><b/><c/><b>2</b></a>", "a:\n  b:\n    -\n    - \"2\"\n  c:\n")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;&amp; b&#x41;</a>", "+directive: DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]\na: '&x;& bA'\n")]
    [InlineData("<a>", "error: bad file '-': not valid XML")]
    [InlineData("text<a/>", "error: bad file '-': not valid XML: line 1: text outside of an element")]
    [InlineData("<a>\n<b></a>", "error: bad file '-': not valid XML: line 2: the end of `a` has no beginning")]
    [InlineData("<a b=c/>", "error: bad file '-': not valid XML: line 1: the value of the attribute `b` is not in quotes")]
    [InlineData("<a b/>", "error: bad file '-': not valid XML: line 1: the attribute `b` has no value")]
    [InlineData("<a><![CDATA[<b>&amp;]]></a>", "a: <b>&amp;\n")]
    [InlineData("<a>\n<!-- c", "error: bad file '-': not valid XML: line 2: a comment has no end")]
    [InlineData("<1/>", "error: bad file '-': not valid XML: line 1: a name is missing")]
    public void XML_is_read(string xml, string yaml) => Assert.StartsWith(yaml, Run("xml", "yaml", xml));

    [Fact]
    public void Entities_of_a_text_are_not_multiplied()
    {
        var bomb = "<!DOCTYPE a [<!ENTITY a \"xxxxxxxxxx\">" + string.Concat(Enumerable.Range('b', 12).Select(c => $"<!ENTITY {(char)c} \"{string.Concat(Enumerable.Repeat($"&{(char)(c - 1)};", 10))}\">")) + "]><a>&m;</a>";
        Assert.Equal("&m;\n", Run("xml", "yaml", bomb, ".a"));
    }

    [Theory]
    [InlineData("; top\na = 1\n[s]\n# of b\nb : \"x y\"\n[t]\n", "# top\na: \"1\"\ns:\n  # of b\n  b: x y\nt: {}\n")]
    [InlineData("[s\n", "error: bad file '-': line 1: the name of a section has no end")]
    [InlineData("a\n", "error: bad file '-': line 1: an entry needs a key and `=`")]
    public void INI_is_read(string ini, string yaml) => Assert.Equal(yaml, Run("ini", "yaml", ini));

    [Theory]
    [InlineData("s: {b: x}\na: 1\n", "a = 1\n\n[s]\nb = x\n")]
    [InlineData("a: ' x'\n", "a = \" x\"\n")]
    [InlineData("a: [1]\n", "error: cannot encode !!seq of `a` as INI")]
    [InlineData("a: \"x\\ny\"\n", "error: a value of more than one line")]
    public void YAML_becomes_INI(string yaml, string ini) => Assert.StartsWith(ini, Run("yaml", "ini", yaml));

    [Theory]
    [InlineData("{a: {b: 1}} | to_xml", "<a>\n  <b>1</b>\n</a>\n")]
    [InlineData("{a: {b: 1}} | @xml", "<a><b>1</b></a>\n")]
    [InlineData("\"<a>1</a>\" | from_xml | .a", "1\n")]
    public void Operators_of_XML(string expression, string result)
    {
        Assert.True(new YqRun(expression, null, "auto", "auto").TryEvaluate(out var text, out _, out var problem), problem);
        Assert.Equal(result, text.EndsWith("\n\n", StringComparison.Ordinal) ? text[..^1] : text);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        const int Deep = 100_000;
        Assert.StartsWith("error: bad file '-': nested deeper", Run("xml", "yaml", string.Concat(Enumerable.Repeat("<a>", Deep))));
        Assert.StartsWith("error: bad file '-': not valid TOML", Run("toml", "yaml", "a = " + new string('[', Deep)));
        Assert.StartsWith("error: ", Run("toml", "yaml", "a" + string.Concat(Enumerable.Repeat(".a", Deep)) + " = 1"));
        Assert.StartsWith("error: ", Run("toml", "yaml", "[a" + string.Concat(Enumerable.Repeat(".a", Deep)) + "]\n"));
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        var random = new Random(20260101);
        string[] pieces = ["[", "]", "{", "}", "=", "\"", "'", "\n", "#", "<", ">", "</", "/>", "&", "<!--", "-->", "a", "1", ".", ",", "\0", "\uD800", ";", "<?x", "?>", " "];
        foreach (var (format, sample) in new[] { ("toml", Toml), ("xml", Xml), ("ini", "; c\na = 1\n[s]\nb : x\n") })
        {
            for (var i = 0; i < 2000; i++)
            {
                var text = i % 2 == 0 ? "" : sample;
                for (var j = random.Next(1, 12); j > 0; j--) text = text.Insert(random.Next(text.Length + 1), pieces[random.Next(pieces.Length)]);
                // An exception that is no word for users would end the test here.
                Assert.NotNull(Run(format, format, text));
                Assert.NotNull(Run(format, "json", text));
            }
        }
    }
}
