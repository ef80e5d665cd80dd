namespace Lima.Cli.Yq;

/// <summary>What <c>yq --help</c> prints.</summary>
internal static class YqHelp
{
    public const string Text = """
        yq: read and change YAML, JSON, properties, CSV and TSV with expressions of yq v4

        Usage:
          yq [eval] [FLAGS] [EXPRESSION] [FILE…]    evaluate for every document by itself
          yq eval-all [FLAGS] [EXPRESSION] [FILE…]  evaluate for all documents of all files at once

        Without a file, or with `-`, standard input is read.

        Flags:
          -n, --null-input             no input: build a document from nothing
          -i, --inplace                write the result into the first file
          -o, --output-format FORMAT   auto, yaml, json, props, csv or tsv (default: by the file's name)
          -p, --input-format FORMAT    the same for what is read
          -I, --indent N               spaces a level; for JSON 0 is one line (default: 2)
          -r, --unwrapScalar           print scalars without quotes (default for all but JSON)
          -P, --prettyPrint            in block style throughout
          -N, --no-doc                 no `---` between documents
          -c, --yaml-compact-seq-indent   lists not indented below their key
          -0, --nul-output             a NUL character after every result
          -e, --exit-status            exit status 1 when there is no result, or null or false
              --expression EXPRESSION  where the expression might be taken for a file
              --from-file FILE         the expression is in a file
              --security-disable-env-ops   no access to environment variables
              --security-disable-file-ops  no access to other files
          -C, -M, -v                   accepted and without effect
          -V, --version                the version
          -h, --help                   this text

        Examples:
          yq '.cpus' lima.yaml
          yq -i '.cpus = 4' lima.yaml
          limactl list --json | yq -p json -o json -I 0 'select(.status == "Running") | .name'

        """;
}
