package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

// ruleset is this lab's part of the machine's iptables: one chain per table, replaced as a whole.
type ruleset struct {
	iptables, chain, bridge, network string
	applied                          string
}

func (rules *ruleset) run(name, input string, arguments ...string) error {
	command := exec.Command(name, arguments...)
	command.Stdin = strings.NewReader(input)
	var output bytes.Buffer
	command.Stderr = &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(output.String()))
	}
	return nil
}

// install makes the chains and the jumps to them, each once.
func (rules *ruleset) install() error {
	if err := rules.restore("*nat\n:%[1]s - [0:0]\n:%[1]s-OUT - [0:0]\nCOMMIT\n*filter\n:%[1]s - [0:0]\nCOMMIT\n"); err != nil {
		return err
	}
	for _, jump := range [][]string{
		{"nat", "PREROUTING", rules.chain},
		{"nat", "OUTPUT", rules.chain},
		{"nat", "POSTROUTING", rules.chain + "-OUT"},
		{"filter", "FORWARD", rules.chain},
		{"filter", "OUTPUT", rules.chain},
	} {
		table, from, to := jump[0], jump[1], jump[2]
		if rules.run(rules.iptables, "", "--wait", "10", "--table", table, "-C", from, "-j", to) == nil {
			continue
		}
		// First in its chain: other software's policy must not drop what this lab forwards.
		if err := rules.run(rules.iptables, "", "--wait", "10", "--table", table, "-I", from, "1", "-j", to); err != nil {
			return err
		}
	}
	return nil
}

func (rules *ruleset) restore(format string) error {
	return rules.run(rules.iptables+"-restore", fmt.Sprintf(format, rules.chain), "--wait", "10", "--noflush")
}

func (rules *ruleset) render(routes []route) string {
	var nat, filter strings.Builder
	for _, route := range routes {
		match := fmt.Sprintf("-A %%[1]s -d %s/32 -p %s -m %s --dport %d", route.address, route.protocol, route.protocol, route.port)
		if len(route.targets) == 0 {
			fmt.Fprintf(&filter, "%s -j REJECT\n", match)
		}
		for index, target := range route.targets {
			chance := ""
			if left := len(route.targets) - index; left > 1 {
				chance = fmt.Sprintf(" -m statistic --mode random --probability %.8f", 1/float64(left))
			}
			fmt.Fprintf(&nat, "%s%s -j DNAT --to-destination %s\n", match, chance, target)
		}
	}
	// What a pod sends to a pod through a ClusterIP must come back the same way, or the answer
	// carries an address that was never asked.
	back := fmt.Sprintf("-A %%[1]s-OUT -s %s -d %s -m conntrack --ctstate DNAT -j MASQUERADE\n", rules.network, rules.network)
	pass := fmt.Sprintf("-A %%[1]s -i %s -o %s -j ACCEPT\n", rules.bridge, rules.bridge)
	return "*nat\n:%[1]s - [0:0]\n:%[1]s-OUT - [0:0]\n" + nat.String() + back + "COMMIT\n" +
		"*filter\n:%[1]s - [0:0]\n" + filter.String() + pass + "COMMIT\n"
}

func (rules *ruleset) apply(routes []route) error {
	wanted := rules.render(routes)
	if wanted == rules.applied {
		return nil
	}
	if err := rules.restore(wanted); err != nil {
		return err
	}
	rules.applied = wanted
	return nil
}
