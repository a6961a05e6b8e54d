(ns kvasir.jepsen.errors
  "What an error says of the operation that it answers: definite, it had no effect and never will have; or
  undetermined."
  (:require [clojure.string :as string]
            [kvasir.jepsen.resp :as resp])
  (:import (java.io IOException)
           (java.net SocketTimeoutException)))

(set! *warn-on-reflection* true)

(def table
  "First word of an error -> what it says. One that could mean both would be a fault of the server."
  {"TRYAGAIN" :definite
   "DISKFULL" :definite
   "LOADING" :definite
   "MOVED" :definite
   "ASK" :definite
   "CLUSTERDOWN" :definite
   "READONLY" :definite
   "NOSCRIPT" :definite
   "NOAUTH" :definite
   "WRONGTYPE" :definite
   "EXECABORT" :definite
   "BUSY" :definite
   "OOM" :definite
   "UNDETERMINED" :undetermined})

(defn- prefix [text] (first (string/split text #" " 2)))

(defn complete
  "Completes an operation that was answered by an error. What reads only can do no harm: it failed. What the table
  does not list is undetermined, and kvasir.jepsen.checker/listed-errors complains of it."
  [op failure]
  (let [text (:text failure)
        word (prefix text)
        said (table word)]
    (assoc (dissoc op :read-only?)
           :type (if (or (= :definite said) (and said (:read-only? op))) :fail :info)
           :error (if said [(keyword (string/lower-case word)) text] [:unlisted text]))))

(defn refused
  "Throws so that the operation ends as an error says; for replies on the way to the last one."
  [failure]
  (throw (ex-info (:text failure) {:failure failure})))

(defn checked
  "Returns reply, or throws if it is an error."
  [reply]
  (if (resp/failure? reply) (refused reply) reply))

(defn part
  "Returns a reply that is part of EXEC's, or throws if it is an error: the rest has taken effect then, so that the
  table does not hold."
  [reply]
  (if (resp/failure? reply) (refused (resp/->Failure (str "PART " (:text reply)))) reply))

(defmacro with-outcome
  "Runs body, which returns the completed operation. An error that checked threw ends it as the table says, a
  connection that broke leaves it undetermined."
  [op & body]
  `(try
     ~@body
     (catch clojure.lang.ExceptionInfo thrown#
       (if-let [failure# (:failure (ex-data thrown#))]
         (complete ~op failure#)
         (throw thrown#)))
     (catch SocketTimeoutException late#
       (assoc (dissoc ~op :read-only?) :type :info :error [:timeout (.getMessage late#)]))
     (catch IOException lost#
       (assoc (dissoc ~op :read-only?) :type :info :error [:connection-lost (str (.getMessage lost#))]))))
