package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// collector walks one declaration and notes what can be changed in it.
type collector struct {
	*target
	*source
	in    string
	body  *ast.BlockStmt
	found []*mutant
	// above are the nodes around the current one, the outermost first.
	above []ast.Node
}

// walk notes every change below a node.
func (c *collector) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			c.above = c.above[:len(c.above)-1]
			return true
		}
		c.visit(n)
		c.above = append(c.above, n)
		return true
	})
}

// visit notes what one node can become.
func (c *collector) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		c.comparison(n)
		c.logic(n)
		c.arithmetic(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			c.replace(n.OpPos, n.X.Pos(), "")
		}
	case *ast.BasicLit:
		c.literal(n)
	case *ast.Ident:
		c.name(n, n)
		c.negate(n)
	case *ast.SelectorExpr:
		c.name(n, n.Sel)
		c.negate(n)
	case *ast.IndexExpr:
		c.negate(n)
	case *ast.CallExpr:
		c.negate(n)
		c.call(n)
		c.conversion(n)
	case *ast.IncDecStmt:
		c.token(n.TokPos, n.Tok, map[token.Token]token.Token{token.INC: token.DEC, token.DEC: token.INC})
	case *ast.AssignStmt:
		c.assignment(n)
	case *ast.BranchStmt:
		if n.Label == nil {
			c.token(n.TokPos, n.Tok, map[token.Token]token.Token{token.CONTINUE: token.BREAK, token.BREAK: token.CONTINUE})
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			c.cases(n)
		}
	}
}

// replace notes one change, unless it is known already.
func (c *collector) replace(from, to token.Pos, text string) *mutant {
	file := c.fset.File(from)
	m := &mutant{
		file: c.source, start: file.Offset(from), end: file.Offset(to), text: text,
		in: c.in, body: c.body,
	}
	same := func(o *mutant) bool { return o.start == m.start && o.end == m.end && o.text == m.text }
	if !slices.ContainsFunc(c.found, same) {
		m.describe()
		c.found = append(c.found, m)
	}
	return m
}

// token notes the change of a token into the one listed for it.
func (c *collector) token(at token.Pos, tok token.Token, others map[token.Token]token.Token) {
	if other, ok := others[tok]; ok {
		c.replace(at, at+token.Pos(len(tok.String())), other.String())
	}
}

// code is the source of a node.
func (c *collector) code(n ast.Node) string {
	file := c.fset.File(n.Pos())
	return string(c.source.text[file.Offset(n.Pos()):file.Offset(n.End())])
}

func (c *collector) parent() ast.Node { return c.above[len(c.above)-1] }

// relations lists what each comparison becomes: the one that differs on the
// edge only, the one that differs off it, and the opposite. The opposite is the
// last.
var relations = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.NEQ, token.GEQ},
	token.GTR: {token.GEQ, token.NEQ, token.LEQ},
	token.LEQ: {token.LSS, token.EQL, token.GTR},
	token.GEQ: {token.GTR, token.EQL, token.LSS},
	token.EQL: {token.LEQ, token.GEQ, token.NEQ},
	token.NEQ: {token.LSS, token.GTR, token.EQL},
}

// comparison notes what a comparison becomes.
func (c *collector) comparison(n *ast.BinaryExpr) {
	others := relations[n.Op]
	equality := n.Op == token.EQL || n.Op == token.NEQ
	if equality && !c.hasOrder(n.X) {
		others = others[2:]
	}
	for _, op := range others {
		// A length is never negative: some comparisons with 0 are the same.
		if c.isLength(n.X) && c.isZero(n.Y) && (equality && op != others[len(others)-1] || n.Op == token.GTR && op == token.NEQ) {
			continue
		}
		c.replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op.String())
	}
}

// hasOrder says whether smaller and greater mean something for an operand:
// not for text, and not for an enumeration, which is what a named integer of
// the package is taken for.
func (c *collector) hasOrder(e ast.Expr) bool {
	t := c.info.TypeOf(e)
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0 && !c.isEnumeration(t)
}

func (c *collector) isEnumeration(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() == c.pkg
}

func (c *collector) isLength(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && (c.isBuiltin(call, "len") || c.isBuiltin(call, "cap"))
}

func (c *collector) isZero(e ast.Expr) bool {
	v := c.info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0
}

func (c *collector) isBuiltin(call *ast.CallExpr, name string) bool {
	id, ok := call.Fun.(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = c.info.Uses[id].(*types.Builtin)
	return ok
}

// logic notes the other connective, and either operand alone.
func (c *collector) logic(n *ast.BinaryExpr) {
	other := map[token.Token]token.Token{token.LAND: token.LOR, token.LOR: token.LAND}
	op, ok := other[n.Op]
	if !ok {
		return
	}
	c.replace(n.Pos(), n.End(), c.join(n, op))
	// The operand that is left out goes on using its variables: the compiler
	// insists.
	x, y, is, unless := c.code(n.X), c.code(n.Y), " "+n.Op.String()+" ", " "+op.String()+" "
	idle := unless + strconv.FormatBool(n.Op == token.LAND)
	c.replace(n.Pos(), n.End(), x).text = "(" + x + is + "(" + c.operand(n.Y, op) + idle + "))"
	c.replace(n.Pos(), n.End(), y).text = "((" + c.operand(n.X, op) + idle + ")" + is + y + ")"
}

// arithmetic notes the opposite operation, and of a division of integers the
// one that rounds up.
func (c *collector) arithmetic(n *ast.BinaryExpr) {
	if !c.isNumber(n) {
		return
	}
	others := map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.QUO,
		token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND,
	}
	if op, ok := others[n.Op]; ok {
		c.replace(n.Pos(), n.End(), c.join(n, op))
	}
	tv := c.info.Types[n]
	if basic := tv.Type.Underlying().(*types.Basic); n.Op == token.QUO && tv.Value == nil && basic.Info()&types.IsInteger != 0 {
		x, y := c.code(n.X), c.operand(n.Y, token.QUO)
		c.replace(n.Pos(), n.End(), "("+x+" + "+y+" - 1) / "+y)
	}
}

func (c *collector) isNumber(e ast.Expr) bool {
	t := c.info.TypeOf(e)
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// join is a binary expression with another operator, in parentheses where it
// needs them.
func (c *collector) join(n *ast.BinaryExpr, op token.Token) string {
	between := op.String()
	if n.X.End() < n.OpPos {
		between = " " + between + " "
	}
	text := c.operand(n.X, op) + between + c.operand(n.Y, op)
	if around, ok := c.parent().(*ast.BinaryExpr); ok && around.Op.Precedence() >= min(op.Precedence(), n.Op.Precedence()) {
		return "(" + text + ")"
	}
	return text
}

// operand is an operand's source, in parentheses where the operator needs them.
func (c *collector) operand(e ast.Expr, op token.Token) string {
	if inner, ok := e.(*ast.BinaryExpr); ok && inner.Op.Precedence() < op.Precedence() {
		return "(" + c.code(e) + ")"
	}
	return c.code(e)
}

// literal notes a number one more and one less; a float also a tenth.
func (c *collector) literal(n *ast.BasicLit) {
	if v, err := strconv.ParseInt(n.Value, 0, 64); n.Kind == token.INT && err == nil {
		c.replace(n.Pos(), n.End(), c.signed(strconv.FormatInt(v+1, 10)))
		c.replace(n.Pos(), n.End(), c.signed(strconv.FormatInt(v-1, 10)))
	}
	if v, err := strconv.ParseFloat(n.Value, 64); n.Kind == token.FLOAT && err == nil {
		for _, step := range []float64{1, -1, 0.1, -0.1} {
			c.replace(n.Pos(), n.End(), c.signed(strconv.FormatFloat(v+step, 'g', 6, 64)))
		}
	}
}

// signed puts parentheses around a negative number after a sign.
func (c *collector) signed(number string) string {
	if !strings.HasPrefix(number, "-") {
		return number
	}
	switch around := c.parent().(type) {
	case *ast.UnaryExpr:
		return "(" + number + ")"
	case *ast.BinaryExpr:
		if around.Op == token.ADD || around.Op == token.SUB {
			return "(" + number + ")"
		}
	}
	return number
}

// name notes the opposite of true and false, and a named constant one more and
// one less.
func (c *collector) name(e ast.Expr, id *ast.Ident) {
	object, ok := c.info.Uses[id].(*types.Const)
	if !ok || c.isPart(id) && e == id {
		return
	}
	tv := c.info.Types[e]
	switch {
	case object == types.Universe.Lookup("true"):
		c.replace(e.Pos(), e.End(), "false")
	case object == types.Universe.Lookup("false"):
		c.replace(e.Pos(), e.End(), "true")
	case tv.Value != nil && c.isNumber(e) && !c.isEnumeration(object.Type()) && id.Name != "iota":
		for _, op := range []token.Token{token.ADD, token.SUB} {
			if !sameFloat(tv, constant.BinaryOp(tv.Value, op, constant.MakeInt64(1))) {
				c.replace(e.Pos(), e.End(), "("+c.code(e)+" "+op.String()+" 1)")
			}
		}
	}
}

// sameFloat says whether a constant, as a float64, is another one, too.
func sameFloat(tv types.TypeAndValue, other constant.Value) bool {
	basic, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsFloat == 0 {
		return false
	}
	x, _ := constant.Float64Val(tv.Value)
	y, _ := constant.Float64Val(other)
	return x == y
}

// isPart says whether an identifier is only a part of what is said: the name
// after a dot, or a field's before a colon.
func (c *collector) isPart(e ast.Expr) bool {
	switch around := c.parent().(type) {
	case *ast.SelectorExpr:
		return around.Sel == e
	case *ast.KeyValueExpr:
		return around.Key == e
	}
	return false
}

// negate notes the opposite of a truth that is read; the operators that make
// one are changed themselves.
func (c *collector) negate(e ast.Expr) {
	tv, ok := c.info.Types[e]
	if !ok || !tv.IsValue() || tv.Value != nil || c.isPart(e) {
		return
	}
	if basic, ok := tv.Type.Underlying().(*types.Basic); !ok || basic.Info()&types.IsBoolean == 0 {
		return
	}
	switch around := c.parent().(type) {
	case *ast.UnaryExpr, *ast.ValueSpec:
		return
	case *ast.AssignStmt:
		if slices.Contains(around.Lhs, e) {
			return
		}
	}
	c.replace(e.Pos(), e.Pos(), "!")
}
