(ns kvasir.jepsen.history
  "Histories in Jepsen's form: maps with :index, :time, :type, :process, :f and :value, one a line of history.edn.

  The index is the order of real time: an operation surely comes before another one if its completion has a smaller
  index than the other's invocation. :ok says that it happened, :fail that it did not and never will, :info that
  nobody knows."
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io])
  (:import (java.io BufferedReader)))

(set! *warn-on-reflection* true)

(defn client-op?
  "Whether a client did it, rather than the nemesis."
  [op]
  (integer? (:process op)))

(defn indexed
  "Gives each operation its place as :index, unless all have one."
  [history]
  (if (every? :index history)
    (vec history)
    (into [] (map-indexed #(assoc %2 :index %1)) history)))

(defn pairs
  "Returns [invocation completion] of each client operation in the order of the invocations; the completion is nil
  where there is none."
  [history]
  (let [open (java.util.HashMap.)
        found (java.util.ArrayList.)]
    (doseq [op history :when (client-op? op)]
      (let [process (:process op)]
        (if (= :invoke (:type op))
          (do (when (.containsKey open process)
                (throw (ex-info "a process invokes while its operation before has not ended" {:op op})))
              (.put open process (.size found))
              (.add found [op nil]))
          (let [at (.remove open process)]
            (when (nil? at)
              (throw (ex-info "a completion without an invocation" {:op op})))
            (.set found at [(first (.get found at)) op])))))
    (vec found)))

(defn completed
  "Adds an :info completion for each operation that has none, as those of a run that was cut short."
  [history]
  (let [history (indexed history)
        open (keep (fn [[invocation completion]] (when-not completion invocation)) (pairs history))]
    (into history
          (map-indexed (fn [i op] (assoc op :type :info :index (+ (count history) (long i)) :error :unfinished)))
          open)))

(defn read-file
  "Reads a history.edn. With keyed?, values of two elements are keys and values, see kvasir.jepsen.independent."
  ([file] (read-file file false))
  ([file keyed?]
   (with-open [^BufferedReader reader (io/reader file)]
     (let [options {:default (fn [_ value] value)}
           tupled (fn [op]
                    (let [value (:value op)]
                      (if (and keyed? (client-op? op) (vector? value) (= 2 (count value)))
                        (assoc op :value (clojure.lang.MapEntry/create (nth value 0) (nth value 1)))
                        op)))]
       (into [] (comp (remove empty?) (map #(tupled (edn/read-string options %)))) (line-seq reader))))))
