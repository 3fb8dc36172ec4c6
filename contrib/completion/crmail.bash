# Bash completion of crmail: verbs as `crmail --help` lists them, then file names.
_crmail()
{
	local word=${COMP_WORDS[COMP_CWORD]} i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--home) ((i++)) ;;
		-*) ;;
		*) # a verb is there already
			COMPREPLY=($(compgen -f -- "$word"))
			return
			;;
		esac
	done
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W '--home --demo --help --version' -- "$word"))
	else
		COMPREPLY=($(compgen -W "$(crmail --help | sed -n 's/^  \([a-z]*\) .*/\1/p')" -- "$word"))
	fi
}
complete -o filenames -F _crmail crmail
