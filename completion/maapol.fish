# SPDX-License-Identifier: Apache-2.0
# Completion of maapol in fish. The program itself knows what can follow.
function __maapol_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -e words[1]
    set -l lines ($program complete $words "$current" 2>/dev/null </dev/null)
    # "--policy=dir/f": the file's name is behind the sign.
    set -l head (string match -r -- '^--[^=]*=' $current)
    set -l path (string replace -r -- '^--[^=]*=' '' $current)
    switch "$lines[1]"
        case ':files'
            for name in (__fish_complete_path "$path")
                echo "$head$name"
            end
        case ':directories'
            for name in (__fish_complete_directories "$path" '')
                echo "$head$name"
            end
        case '*'
            printf '%s\n' $lines
    end
end
complete -c maapol -f -a '(__maapol_complete)'
