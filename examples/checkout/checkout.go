package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
)

// Limits of one basket. They bound the work and the memory of a request.
const (
	maxBasketBytes = 16 << 10
	maxItems       = 100
	maxQuantity    = 1000
)

type item struct {
	SKU      int64 `json:"sku"`
	Quantity int64 `json:"quantity"`
}

type basket struct {
	Items []item `json:"items"`
}

// receipt is the answer: the total in cents, tax included, and its signature.
type receipt struct {
	TotalCents int64  `json:"totalCents"`
	Signature  string `json:"signature"`
}

var errUnknownProduct = errors.New("unknown product")

// checkout prices a basket and signs the receipt.
func (s *service) checkout(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	var b basket
	body := http.MaxBytesReader(w, r.Body, maxBasketBytes)
	if err := json.NewDecoder(body).Decode(&b); err != nil {
		http.Error(w, "basket: "+err.Error(), http.StatusBadRequest)
		return
	}
	s.answer(w, r, b.Items, s.opts.rounds)
}

// quote prices one product: GET /quote?sku=7&quantity=2.
func (s *service) quote(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	sku, err1 := strconv.ParseInt(r.FormValue("sku"), 10, 64)
	quantity, err2 := strconv.ParseInt(r.FormValue("quantity"), 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		http.Error(w, "quote: "+err.Error(), http.StatusBadRequest)
		return
	}
	s.answer(w, r, []item{{SKU: sku, Quantity: quantity}}, max(1, s.opts.rounds/4))
}

// answer prices the items, signs the total with that many hash rounds, and writes the receipt.
func (s *service) answer(w http.ResponseWriter, r *http.Request, items []item, rounds int) {
	total, err := s.price(r.Context(), items)
	var signature string
	if err == nil {
		signature, err = sign(r.Context(), total, rounds)
	}
	switch {
	case r.Context().Err() != nil:
		// The client is gone; 499 is what proxies report for it.
		w.WriteHeader(499)
		return
	case errors.Is(err, errUnknownProduct) || errors.Is(err, errBadBasket):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	case err != nil:
		s.log.Error("answer", "error", err.Error())
		http.Error(w, "the ledger did not answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(receipt{total, signature}); err != nil {
		s.log.Debug("answer not delivered", "error", err.Error())
	}
}

var errBadBasket = errors.New("bad basket")

// price sums up list prices from the ledger, less 5 % from ten pieces of one
// product on, plus 19 % tax, rounded half up to whole cents.
func (s *service) price(ctx context.Context, items []item) (int64, error) {
	if len(items) == 0 || len(items) > maxItems {
		return 0, fmt.Errorf("%w: 1 to %d items, not %d", errBadBasket, maxItems, len(items))
	}
	var before int64 // tax; hundredths of a cent
	for _, it := range items {
		if it.Quantity < 1 || it.Quantity > maxQuantity {
			return 0, fmt.Errorf("%w: quantity 1 to %d, not %d", errBadBasket, maxQuantity, it.Quantity)
		}
		var cents int64
		err := s.db.QueryRowContext(ctx, priceQuery, it.SKU).Scan(&cents)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, fmt.Errorf("%w %d", errUnknownProduct, it.SKU)
		}
		if err != nil {
			return 0, err
		}
		percent := int64(100)
		if it.Quantity >= 10 {
			percent = 95
		}
		before += cents * it.Quantity * percent
	}
	return (before*119 + 5000) / 10000, nil
}

// sign stretches the total into a signature, one SHA-256 after the other, as
// a password hash does: work that cannot be cached or skipped. It stops when
// the client has gone.
func sign(ctx context.Context, total int64, rounds int) (string, error) {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], uint64(total))
	sum := sha256.Sum256(seed[:])
	for i := range rounds {
		if i%1024 == 1023 {
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			runtime.Gosched()
		}
		sum = sha256.Sum256(sum[:])
	}
	return hex.EncodeToString(sum[:]), nil
}
