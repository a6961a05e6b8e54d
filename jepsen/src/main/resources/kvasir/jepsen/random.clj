(ns kvasir.jepsen.random
  "Chance, from the seed that is printed: a test binds one source to each thread that draws.")

(set! *warn-on-reflection* true)

(def ^:dynamic ^java.util.Random *random*
  "What this thread draws from."
  (java.util.Random. 0))

(defn long-below ^long [^long n] (.nextInt ^java.util.Random *random* (int n)))

(defn unit ^double [] (.nextDouble ^java.util.Random *random*))

(defn pick [coll] (nth coll (long-below (count coll))))

(defn shuffled [coll]
  (let [list (java.util.ArrayList. ^java.util.Collection coll)]
    (java.util.Collections/shuffle list *random*)
    (vec list)))

(defn exponential-below
  "0 to n - 1; each is half as likely as the one before."
  ^long [^long n]
  (let [base (Math/pow 2 n)]
    (dec (- n (long (/ (Math/log (inc (* (unit) (dec base)))) (Math/log 2)))))))
