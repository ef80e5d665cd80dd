namespace Lima.Cli.Commands;

/// <summary>Completion scripts. The verbs are in the script; everything else is asked of <c>limactl __complete</c>.</summary>
internal static class CompletionScripts
{
    /// <summary>Shells that there is a script for.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    /// <summary>The script for one of <see cref="Shells"/>.</summary>
    public static string For(string shell)
    {
        var text = shell switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell };
        return text.Replace("@VERBS@", string.Join(' ', CommandTable.Names));
    }

    // Bash takes the colon in template:NAME for the end of a word, so what stands before it is cut off the candidates.
    private const string Bash = """
        # bash completion for limactl and lima
        _limactl() {
            local cur=${COMP_LINE:0:COMP_POINT} words candidates prefix IFS=$'\n'
            cur=${cur##*[[:space:]]}
            if [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then
                IFS=' '
                COMPREPLY=($(compgen -W "@VERBS@" -- "$cur"))
                return
            fi
            IFS=' ' read -r -a words <<< "${COMP_LINE:0:COMP_POINT}"
            [[ -z $cur ]] && words+=("")
            candidates=$(limactl __complete "${words[@]:1}" 2>/dev/null)
            COMPREPLY=($(compgen -W "$candidates" -- "$cur"))
            if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
                prefix=${cur%"${cur##*:}"}
                COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
            fi
        }
        complete -o default -F _limactl limactl
        complete -o default -F _limactl lima

        """;

    private const string Zsh = """
        #compdef limactl lima
        # zsh completion for limactl and lima
        _limactl() {
            local -a candidates
            if (( CURRENT == 2 )) && [[ ${words[2]} != -* ]]; then
                candidates=(@VERBS@)
            else
                candidates=("${(@f)$(limactl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            fi
            if (( ${#candidates[1]} )); then
                compadd -a candidates
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_limactl" ]; then
            _limactl "$@"
        else
            compdef _limactl limactl lima
        fi

        """;

    private const string Fish = """
        # fish completion for limactl and lima
        function __limactl_complete
            set -l words (commandline -opc) (commandline -ct)
            limactl __complete $words[2..] 2>/dev/null
        end
        for program in limactl lima
            complete -c $program -f -n __fish_use_subcommand -a "@VERBS@"
            complete -c $program -n "not __fish_use_subcommand" -a "(__limactl_complete)"
        end

        """;

    private const string PowerShell = """
        # PowerShell completion for limactl and lima
        Register-ArgumentCompleter -Native -CommandName limactl, lima -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
            if ($wordToComplete -eq '') { $words += '' }
            if ($words.Count -le 1 -and -not $wordToComplete.StartsWith('-')) {
                $candidates = '@VERBS@'.Split(' ')
            } else {
                $candidates = & limactl __complete @words 2>$null
            }
            $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;
}
